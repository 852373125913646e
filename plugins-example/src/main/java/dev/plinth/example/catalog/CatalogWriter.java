package dev.plinth.example.catalog;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Stores what descriptor files say, one file per transaction.
 *
 * <p>Each transaction begins by updating one row that all of them share, so that they follow one another, whichever instance
 * they come from: two at once could each miss that the other brings the same entity.
 */
final class CatalogWriter {

    private static final String WINS =
            """
            UPDATE entity SET wins = NOT EXISTS (
                SELECT 1 FROM entity other
                WHERE other.ref = entity.ref AND (other.path, other.position) < (entity.path, entity.position))
            WHERE ref = $1""";

    private final Pool pool;

    CatalogWriter(Pool pool) {
        this.pool = pool;
    }

    /** The files in the catalog, with their fingerprints. */
    Future<Map<String, String>> files() {
        return pool.query("SELECT path, fingerprint FROM file").execute().map(rows -> {
            Map<String, String> files = new HashMap<>();
            rows.forEach(row -> files.put(row.getString("path"), row.getString("fingerprint")));
            return files;
        });
    }

    /** Puts the file in place of its former content; false when another instance just did. */
    Future<Boolean> store(Descriptor file) {
        return inTurn(transaction -> isStored(transaction, file)
                .compose(stored -> stored ? Future.succeededFuture(false) : replace(transaction, file)));
    }

    /** Removes a file and its entities; the next file that has one of them provides it from now on. */
    Future<Void> remove(String path) {
        return inTurn(transaction -> clear(transaction, path).compose(refs -> transaction
                .preparedQuery("DELETE FROM file WHERE path = $1")
                .execute(Tuple.of(path))
                .compose(removed -> chooseWinners(transaction, refs))));
    }

    private <T> Future<T> inTurn(Function<SqlConnection, Future<T>> work) {
        return pool.withTransaction(transaction -> transaction
                .preparedQuery("UPDATE turn SET taken_at = $1")
                .execute(Tuple.of(now()))
                .compose(taken -> work.apply(transaction)));
    }

    private static Future<Boolean> isStored(SqlConnection transaction, Descriptor file) {
        return transaction
                .preparedQuery("SELECT path FROM file WHERE path = $1 AND fingerprint = $2")
                .execute(Tuple.of(file.path(), file.fingerprint()))
                .map(rows -> rows.size() > 0);
    }

    private static Future<Boolean> replace(SqlConnection transaction, Descriptor file) {
        return clear(transaction, file.path()).compose(refs -> {
            file.entities().forEach(entity -> refs.add(entity.ref().toString()));
            return insertFile(transaction, file)
                    .compose(done -> insertEntities(transaction, file))
                    .compose(done -> insertRelations(transaction, file))
                    .compose(done -> insertProperties(transaction, file))
                    .compose(done -> insertProblems(transaction, file))
                    .compose(done -> chooseWinners(transaction, refs))
                    .map(true);
        });
    }

    /** Takes the file's entities and problems away, and returns the references of those entities. */
    private static Future<Set<String>> clear(SqlConnection transaction, String path) {
        return transaction
                .preparedQuery("DELETE FROM problem WHERE path = $1")
                .execute(Tuple.of(path))
                .compose(done -> transaction
                        .preparedQuery("DELETE FROM entity WHERE path = $1 RETURNING ref")
                        .execute(Tuple.of(path)))
                .map(CatalogWriter::refs);
    }

    private static Set<String> refs(RowSet<Row> rows) {
        Set<String> refs = new TreeSet<>();
        rows.forEach(row -> refs.add(row.getString("ref")));
        return refs;
    }

    private static Future<?> insertFile(SqlConnection transaction, Descriptor file) {
        return transaction
                .preparedQuery(
                        """
                        INSERT INTO file (path, fingerprint, stored_at) VALUES ($1, $2, $3)
                        ON CONFLICT (path) DO UPDATE
                        SET fingerprint = excluded.fingerprint, stored_at = excluded.stored_at""")
                .execute(Tuple.of(file.path(), file.fingerprint(), now()));
    }

    private static Future<Void> insertEntities(SqlConnection transaction, Descriptor file) {
        List<Tuple> rows = file.entities().stream()
                .map(entity -> Tuple.of(file.path(), entity.position(), entity.line())
                        .addValue(entity.ref().toString())
                        .addValue(entity.ref().kind())
                        .addValue(entity.ref().namespace())
                        .addValue(entity.document())
                        .addValue(SearchText.of(entity.document())))
                .toList();
        return batch(
                transaction,
                """
                INSERT INTO entity (path, position, line, ref, kind, namespace, document, search, wins)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, FALSE)""",
                rows);
    }

    private static Future<Void> insertRelations(SqlConnection transaction, Descriptor file) {
        List<Tuple> rows = new ArrayList<>();
        for (Entity entity : file.entities()) {
            for (Relation relation : entity.relations()) {
                rows.add(Tuple.of(file.path(), entity.position())
                        .addValue(relation.source().toString())
                        .addValue(relation.type())
                        .addValue(relation.target().toString()));
            }
        }
        return batch(
                transaction,
                """
                INSERT INTO relation (path, position, source, type, target)
                VALUES ($1, $2, $3, $4, $5)""",
                rows);
    }

    private static Future<Void> insertProperties(SqlConnection transaction, Descriptor file) {
        List<Tuple> rows = new ArrayList<>();
        for (Entity entity : file.entities()) {
            for (Property property : Property.of(entity.document())) {
                rows.add(Tuple.of(file.path(), entity.position(), property.name())
                        .addValue(property.value())
                        .addValue(property.folded()));
            }
        }
        return batch(
                transaction,
                """
                INSERT INTO property (path, position, name, value, folded)
                VALUES ($1, $2, $3, $4, $5)""",
                rows);
    }

    private static Future<Void> insertProblems(SqlConnection transaction, Descriptor file) {
        List<Tuple> rows = file.problems().stream()
                .map(problem -> Tuple.of(file.path(), problem.position(), problem.line(), problem.reason()))
                .toList();
        return batch(transaction, "INSERT INTO problem (path, position, line, reason) VALUES ($1, $2, $3, $4)", rows);
    }

    /** Of all documents with the same reference, the first by path and position wins. */
    private static Future<Void> chooseWinners(SqlConnection transaction, Collection<String> refs) {
        return batch(transaction, WINS, refs.stream().map(Tuple::of).toList());
    }

    private static Future<Void> batch(SqlConnection transaction, String sql, List<Tuple> rows) {
        return rows.isEmpty()
                ? Future.succeededFuture()
                : transaction.preparedQuery(sql).executeBatch(rows).mapEmpty();
    }

    /** Both databases keep microseconds. */
    private static OffsetDateTime now() {
        return OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
    }
}
