package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.NamePrefixes;
import dev.plinth.runtime.database.PostgresSettings;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Finds databases and schemas that bear a generated name and belong to no installed plugin. Makes and drops nothing. */
final class PgOrphans {

    private static final String DATABASES =
            """
            SELECT datname::text FROM pg_catalog.pg_database
            WHERE NOT datistemplate AND starts_with(datname, $1) ORDER BY datname""";

    /** A schema named by an id alone is told by its history of migrations. */
    private static final String SCHEMAS =
            """
            SELECT nspname::text FROM pg_catalog.pg_namespace n
            WHERE nspname <> 'public' AND starts_with(nspname, $1) AND ($1 <> '' OR EXISTS (
                SELECT FROM pg_catalog.pg_class WHERE relnamespace = n.oid AND relname = 'plinth_migration'))
            ORDER BY nspname""";

    private final Function<PostgresSettings, Future<SqlConnection>> connect;
    private final Collection<PostgresSettings> installed;
    private final NamePrefixes prefixes;

    /** @param connect to the given plugin's server, into its database when that exists, otherwise into any */
    PgOrphans(
            Function<PostgresSettings, Future<SqlConnection>> connect,
            Collection<PostgresSettings> installed,
            NamePrefixes prefixes) {
        this.connect = connect;
        this.installed = installed;
        this.prefixes = prefixes;
    }

    Future<List<String>> find() {
        List<Future<List<String>>> found = new ArrayList<>();
        if (!prefixes.database().isEmpty()) {
            firstByPlace(PgOrphans::server).values().forEach(any -> found.add(databases(any)));
        }
        firstByPlace(PgOrphans::sharedDatabase).values().forEach(any -> found.add(schemas(any)));
        return Future.all(found)
                .map(done ->
                        found.stream().flatMap(each -> each.result().stream()).toList());
    }

    /** One plugin for each place. */
    private Map<String, PostgresSettings> firstByPlace(Function<PostgresSettings, Optional<String>> place) {
        Map<String, PostgresSettings> first = new LinkedHashMap<>();
        installed.forEach(settings -> place.apply(settings).ifPresent(at -> first.putIfAbsent(at, settings)));
        return first;
    }

    private static Optional<String> server(PostgresSettings settings) {
        return Optional.of(settings.host() + ":" + settings.port());
    }

    private static Optional<String> sharedDatabase(PostgresSettings settings) {
        return settings.schema().flatMap(any -> server(settings)).map(at -> at + "/" + settings.effectiveDatabase());
    }

    private Future<List<String>> databases(PostgresSettings any) {
        Set<String> used = names(any, PgOrphans::server, settings -> Optional.of(settings.effectiveDatabase()));
        return names(any, DATABASES, prefixes.database())
                .map(names -> told(names, used, name -> "database '" + name + "' on " + any.host() + ":" + any.port()));
    }

    private Future<List<String>> schemas(PostgresSettings any) {
        Set<String> used = names(any, PgOrphans::sharedDatabase, PostgresSettings::schema);
        String database = any.effectiveDatabase();
        return names(any, SCHEMAS, prefixes.schema())
                .map(names -> told(
                        names,
                        used,
                        name -> "schema '" + name + "' in database '" + database + "' on " + any.host() + ":"
                                + any.port()));
    }

    /** What the plugins in the same place as this one use. */
    private Set<String> names(
            PostgresSettings any,
            Function<PostgresSettings, Optional<String>> place,
            Function<PostgresSettings, Optional<String>> name) {
        return installed.stream()
                .filter(settings -> place.apply(settings).equals(place.apply(any)))
                .flatMap(settings -> name.apply(settings).stream())
                .collect(Collectors.toSet());
    }

    private Future<List<String>> names(PostgresSettings any, String sql, String prefix) {
        return connect.apply(any).compose(session -> session.preparedQuery(sql)
                .execute(Tuple.of(prefix))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map((Row row) -> row.getString(0))
                        .toList())
                .eventually(session::close));
    }

    private static List<String> told(List<String> names, Set<String> used, Function<String, String> words) {
        return names.stream().filter(name -> !used.contains(name)).map(words).toList();
    }
}
