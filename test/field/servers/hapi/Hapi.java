import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.IDaoRegistry;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.binary.api.IBinaryStorageSvc;
import ca.uhn.fhir.jpa.binstore.DatabaseBinaryContentStorageSvcImpl;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.config.util.ResourceCountCacheUtil;
import ca.uhn.fhir.jpa.dao.search.HSearchSortHelperImpl;
import ca.uhn.fhir.jpa.dao.search.IHSearchSortHelper;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirH2Dialect;
import ca.uhn.fhir.jpa.provider.DaoRegistryResourceSupportedSvc;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.search.IStaleSearchDeletingSvc;
import ca.uhn.fhir.jpa.search.StaleSearchDeletingSvcImpl;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.jpa.subscription.match.config.SubscriptionProcessorConfig;
import ca.uhn.fhir.jpa.subscription.match.deliver.email.IEmailSender;
import ca.uhn.fhir.jpa.subscription.submit.config.SubscriptionSubmitterConfig;
import ca.uhn.fhir.jpa.util.ResourceCountCache;
import ca.uhn.fhir.rest.api.IResourceSupportedSvc;
import ca.uhn.fhir.rest.api.server.SystemRequestDetails;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import jakarta.persistence.EntityManagerFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import javax.sql.DataSource;
import org.apache.catalina.startup.Tomcat;
import org.apache.commons.dbcp2.BasicDataSource;
import org.hl7.fhir.r4.model.Bundle;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.transaction.annotation.EnableTransactionManagement;

/** Serves HAPI FHIR JPA (R4) over H2 in memory, by Tomcat on loopback. Argument: a file with a transaction of SearchParameters. */
public final class Hapi {
  public static void main(String[] given) throws Exception {
    var spring = new AnnotationConfigApplicationContext(Parts.class);
    var context = spring.getBean(FhirContext.class);
    var system = spring.getBean(IFhirSystemDao.class);
    var first = context.newJsonParser().parseResource(Bundle.class, Files.readString(Path.of(given[0])));
    system.transaction(new SystemRequestDetails(), first);
    var parameters = spring.getBean(ISearchParamRegistry.class);
    parameters.forceRefresh();

    var server = new RestfulServer(context);
    server.registerProviders(spring.getBean(ResourceProviderFactory.class).createProviders());
    server.registerProvider(spring.getBean(IJpaSystemProvider.class));
    server.setServerConformanceProvider(
        new JpaCapabilityStatementProvider(
            server, system, spring.getBean(JpaStorageSettings.class), parameters, spring.getBean(IValidationSupport.class)));
    server.setPagingProvider(spring.getBean(DatabaseBackedPagingProvider.class));
    spring.getAutowireCapableBeanFactory().autowireBean(server);

    var tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("hapi-").toString());
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    var app = tomcat.addContext("", null);
    Tomcat.addServlet(app, "fhir", server).setLoadOnStartup(1);
    app.addServletMappingDecoded("/fhir/*", "fhir");
    tomcat.start();
    System.out.println("serving " + tomcat.getConnector().getLocalPort());
    tomcat.getServer().await();
  }

  @Configuration
  @EnableTransactionManagement
  @Import({
    JpaR4Config.class,
    JpaBatch2Config.class,
    Batch2JobsConfig.class,
    ThreadPoolFactoryConfig.class,
    SubscriptionSubmitterConfig.class,
    SubscriptionProcessorConfig.class,
    SubscriptionChannelConfig.class
  })
  public static class Parts {
    @Bean
    public IResourceSupportedSvc resourceSupported(IDaoRegistry daos) {
      return new DaoRegistryResourceSupportedSvc(daos);
    }

    @Bean
    public IStaleSearchDeletingSvc staleSearches() {
      return new StaleSearchDeletingSvcImpl();
    }

    @Bean
    public IHSearchSortHelper sortHelper(ISearchParamRegistry parameters) {
      return new HSearchSortHelperImpl(parameters);
    }

    @Bean
    public ResourceCountCache myResourceCountsCache(IFhirSystemDao<?, ?> system) {
      return ResourceCountCacheUtil.newResourceCountCache(system);
    }

    @Bean
    public JpaStorageSettings storage() {
      return new JpaStorageSettings();
    }

    @Bean
    public SubscriptionSettings subscriptions() {
      return new SubscriptionSettings();
    }

    @Bean
    public IEmailSender mail() {
      return details -> {};
    }

    @Bean
    public PartitionSettings partitions() {
      return new PartitionSettings();
    }

    @Bean
    public IBinaryStorageSvc binaries() {
      return new DatabaseBinaryContentStorageSvcImpl();
    }

    @Bean
    public DatabaseBackedPagingProvider databaseBackedPagingProvider() {
      var pages = new DatabaseBackedPagingProvider();
      pages.setDefaultPageSize(20);
      pages.setMaximumPageSize(200);
      return pages;
    }

    @Bean
    public DataSource dataSource() {
      var source = new BasicDataSource();
      source.setUrl("jdbc:h2:mem:hapi;DB_CLOSE_DELAY=-1");
      source.setUsername("sa");
      source.setPassword("");
      source.setMaxTotal(20);
      return source;
    }

    @Bean
    public LocalContainerEntityManagerFactoryBean entityManagerFactory(
        ConfigurableListableBeanFactory beans, FhirContext context, JpaStorageSettings storage, DataSource source) {
      var entities = HapiEntityManagerFactoryUtil.newEntityManagerFactory(beans, context, storage);
      entities.setPersistenceUnitName("hapi");
      entities.setDataSource(source);
      var settings = new Properties();
      settings.put("hibernate.dialect", HapiFhirH2Dialect.class.getName());
      settings.put("hibernate.hbm2ddl.auto", "update");
      settings.put("hibernate.search.enabled", "false");
      settings.put("hibernate.jdbc.batch_size", "20");
      entities.setJpaProperties(settings);
      return entities;
    }

    @Bean
    public JpaTransactionManager transactionManager(EntityManagerFactory entities) {
      return new JpaTransactionManager(entities);
    }
  }
}
