import java.nio.file.Path;
import java.util.List;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/** One node of OpenSearch on loopback, inside this process. Arguments: its folder, and the port of its HTTP interface. */
public final class SearchEngine extends Node {
  private SearchEngine(Settings settings, Path config) {
    super(new Environment(settings, config), List.of(Netty4Plugin.class), true);
  }

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    Settings settings =
        Settings.builder()
            .put("cluster.name", "field")
            .put("node.name", "field")
            .put("path.home", home.toString())
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("transport.type", "netty4")
            .put("transport.port", "0")
            .put("http.type", "netty4")
            .put("http.port", arguments[1])
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
    Node node = new SearchEngine(settings, home.resolve("config")).start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        node.close();
      } catch (java.io.IOException error) {
        error.printStackTrace();
      }
    }));
    System.out.println("started");
    Thread.currentThread().join();
  }
}
