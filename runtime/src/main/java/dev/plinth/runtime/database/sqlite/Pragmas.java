package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import java.util.List;
import java.util.Set;

/** Which of SQLite's own statements a plugin may run: not those that reach other files, or change what the runtime set. */
final class Pragmas {

    private static final Set<String> ALLOWED = Set.of(
            "table_info",
            "table_xinfo",
            "table_list",
            "index_list",
            "index_info",
            "index_xinfo",
            "foreign_key_list",
            "foreign_key_check",
            "integrity_check",
            "quick_check",
            "user_version",
            "application_id",
            "defer_foreign_keys",
            "optimize",
            "max_page_count",
            "page_count",
            "page_size",
            "freelist_count");

    private Pragmas() {}

    static void check(List<SqlToken> statement) {
        SqlToken first = statement.get(0);
        if (first.isWord("attach") || first.isWord("detach")) {
            throw refused(first.text() + " reaches another database, which is not the plugin's");
        }
        if (first.isWord("vacuum") && statement.stream().anyMatch(token -> token.isWord("into"))) {
            throw refused("vacuum into writes a file outside the database; plinth db backup makes copies");
        }
        if (first.isWord("pragma") && (statement.size() < 2 || !statement.get(1).isAnyWord(ALLOWED))) {
            String name = statement.size() < 2 ? "" : statement.get(1).text();
            throw refused("pragma " + name + " is the runtime's to set, as all of the plugin's connections share it");
        }
    }

    private static StatementException refused(String message) {
        return new StatementException(message, 0, "42501", null, null, null);
    }
}
