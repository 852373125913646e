package dev.plinth.runtime.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.sqlclient.Row;

/** Placeholders are {@code $1, $2, ...} on every database. */
class PlaceholdersIT {

    @OnEveryDatabase
    void standInAnyOrder(Database database) {
        database.script("CREATE TABLE pair (a TEXT, b TEXT)");
        database.run("INSERT INTO pair (b, a) VALUES ($2, $1)", "first", "second");
        Row row = database.row("SELECT a, b FROM pair WHERE b = $2 AND a = $1", "first", "second");
        assertThat(row.getString("a")).isEqualTo("first");
        assertThat(row.getString("b")).isEqualTo("second");
    }

    @OnEveryDatabase
    void mayBeRepeated(Database database) {
        database.script("CREATE TABLE pair (a TEXT, b TEXT)");
        database.run("INSERT INTO pair (a, b) VALUES ($1, $1)", "same");
        assertThat(database.row("SELECT b FROM pair WHERE a = $1 AND b = $1", "same")
                        .getString(0))
                .isEqualTo("same");
    }

    @OnEveryDatabase
    void areNotSeenInTextNamesAndComments(Database database) {
        database.script("CREATE TABLE \"odd $1 name\" (a TEXT)");
        database.run("INSERT INTO \"odd $1 name\" (a) /* $2 /* nested $3 */ */ VALUES ('it''s $2' || $1) -- $4", "!");
        assertThat(database.value("SELECT a FROM \"odd $1 name\"")).isEqualTo("it's $2!");
    }

    @OnEveryDatabase
    void standBesideJsonOperators(Database database) {
        database.script("CREATE TABLE doc (id INTEGER PRIMARY KEY, body JSONB)");
        database.run(
                "INSERT INTO doc (id, body) VALUES ($1, $2)",
                1,
                new io.vertx.core.json.JsonObject().put("kind", "api"));
        assertThat(database.row("SELECT id FROM doc WHERE body ->> 'kind' = $1", "api")
                        .getInteger(0))
                .isEqualTo(1);
        assertThat(database.run("SELECT id FROM doc WHERE body ->> 'kind' = $1", "user")
                        .size())
                .isZero();
    }

    @OnEveryDatabase
    void needAsManyArguments(Database database) {
        database.script("CREATE TABLE pair (a TEXT, b TEXT)");
        assertThat(database.failure("INSERT INTO pair (a, b) VALUES ($1, $2)", "one"))
                .hasMessageContaining("expected number of parameters = [2] but the actual number is [1]");
        assertThat(database.failure("SELECT a FROM pair WHERE a = $1", "one", "two"))
                .hasMessageContaining("expected number of parameters = [1] but the actual number is [2]");
        assertThat(database.run("SELECT * FROM pair").size()).isZero();
    }

    @OnEveryDatabase
    void takeNull(Database database) {
        database.script("CREATE TABLE pair (a TEXT, b INTEGER)");
        database.run("INSERT INTO pair (a, b) VALUES ($1, $2)", null, null);
        Row row = database.row("SELECT a, b FROM pair");
        assertThat(row.getValue("a")).isNull();
        assertThat(row.getInteger("b")).isNull();
    }
}
