package dev.plinth.runtime.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts one PostgreSQL for the whole test run, and hands it to tests that ask for a {@link Server}. */
public final class PostgresExtension implements ParameterResolver {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(PostgresExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Server.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return server(context);
    }

    /** The one server of this test run, for other extensions. */
    public static Server server(ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent(Server.class);
    }

    /** A running PostgreSQL with the superuser {@code postgres}. */
    public static final class Server implements ExtensionContext.Store.CloseableResource {

        private final ReservedPort port = new ReservedPort();
        private final EmbeddedPostgres postgres;
        private final AtomicInteger names = new AtomicInteger();

        Server() throws Exception {
            postgres = EmbeddedPostgres.builder()
                    .setPort(port.number())
                    .setPGStartupWait(Duration.ofSeconds(60))
                    // Not what the environment says: under LANG=C only ASCII letters would have two cases.
                    .setLocaleConfig("encoding", "UTF8")
                    .setLocaleConfig("locale", "C.UTF-8")
                    .setServerConfig("max_connections", "100")
                    .setServerConfig("fsync", "off")
                    .start();
        }

        public int port() {
            return port.number();
        }

        /** A name that no other test of this run uses, for databases, roles and prefixes. */
        public String uniqueName(String base) {
            return base + "_" + names.incrementAndGet();
        }

        /** Runs statements as the superuser in the given database. */
        public void execute(String database, String... statements) throws SQLException {
            try (Connection connection = connect(database);
                    Statement statement = connection.createStatement()) {
                for (String sql : statements) {
                    statement.execute(sql);
                }
            }
        }

        /** The first column of what a query by the superuser finds in the given database. */
        public List<String> query(String database, String sql) throws SQLException {
            try (Connection connection = connect(database);
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                List<String> values = new ArrayList<>();
                while (rows.next()) {
                    values.add(rows.getString(1));
                }
                return values;
            }
        }

        /** How many there are, as a query for one number tells. */
        public int count(String database, String sql) throws SQLException {
            return Integer.parseInt(query(database, sql).get(0));
        }

        /** Asks for passwords at the door of one database, which the server otherwise does not. */
        public void requirePasswords(String database) throws SQLException, IOException {
            Path rules = Path.of(query("postgres", "SHOW hba_file").get(0));
            Files.writeString(
                    rules, "host " + database + " all 127.0.0.1/32 scram-sha-256\n" + Files.readString(rules));
            execute("postgres", "SELECT pg_reload_conf()");
        }

        /** A plain JDBC connection as the superuser, to look at the server from outside. */
        public Connection connect(String database) throws SQLException {
            return DriverManager.getConnection(
                    "jdbc:postgresql://127.0.0.1:" + port() + "/" + database, "postgres", "postgres");
        }

        @Override
        public void close() throws Exception {
            try (port) {
                postgres.close();
            }
        }
    }
}
