package dev.plinth.runtime.database.postgres;

import java.util.Locale;
import java.util.Set;

/**
 * What a text may leave behind in its session, as far as the text tells. Errs towards too much: what is not known counts as a
 * change. What a function or trigger does inside cannot be seen here.
 *
 * @param opensTransaction an explicit transaction may be open after it
 * @param changesSession settings, role, temporary tables, LISTEN, locks or cursors may remain after it
 * @param rebinds the search path may have gone back to what it was at the start of the session
 * @param spoilsStatements the prepared statements of the session are no longer what they were
 * @param commitsInside part of what it did may stay when the session ends before it is done
 */
record SqlTraits(
        boolean opensTransaction,
        boolean changesSession,
        boolean rebinds,
        boolean spoilsStatements,
        boolean commitsInside) {

    static final SqlTraits NONE = new SqlTraits(false, false, false, false, false);

    private static final Set<String> HARMLESS = Set.of(
            "",
            "select",
            "insert",
            "update",
            "delete",
            "with",
            "values",
            "table",
            "merge",
            "explain",
            "create",
            "alter",
            "drop",
            "truncate",
            "grant",
            "revoke",
            "comment",
            "analyze",
            "vacuum",
            "reindex",
            "cluster",
            "refresh",
            "lock",
            "notify",
            "copy",
            "import",
            "reassign",
            "security",
            "checkpoint",
            "show",
            "fetch",
            "move");

    private static final Set<String> TRANSACTION =
            Set.of("begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release");

    private static final Set<String> SPOILING = Set.of("prepare", "deallocate", "discard", "load");

    private static final Set<String> COMMITTING = Set.of("call", "do", "vacuum", "cluster", "reindex");

    /** Anywhere in a text. */
    private static final String CONCURRENTLY = "concurrently";

    /** After SET: gone by itself at the end of the transaction. */
    private static final Set<String> PASSING = Set.of("local", "constraints", "transaction");

    /** Anywhere in a text. */
    private static final Set<String> TELLING = Set.of(
            "set_config",
            "pg_advisory_lock",
            "pg_advisory_lock_shared",
            "pg_try_advisory_lock",
            "pg_try_advisory_lock_shared",
            "temp",
            "temporary",
            "pg_temp",
            "pg_settings");

    boolean isClean() {
        return !opensTransaction && !changesSession && !spoilsStatements;
    }

    static SqlTraits of(String sql) {
        return new Scanner(sql).scan();
    }

    private static final class Scanner {

        private final String sql;
        private int at;
        private boolean transaction;
        private boolean changes;
        private boolean rebinds;
        private boolean spoils;
        private boolean commits;
        private String first = "";
        private int words;

        Scanner(String sql) {
            this.sql = sql;
        }

        SqlTraits scan() {
            while (at < sql.length()) {
                char c = sql.charAt(at);
                if (Character.isLetter(c) || c == '_') {
                    word();
                } else if (c == ';') {
                    first = "";
                    words = 0;
                    at++;
                } else {
                    skip(c);
                }
            }
            return transaction || changes || rebinds || spoils || commits
                    ? new SqlTraits(transaction, changes, rebinds, spoils, commits)
                    : NONE;
        }

        private void word() {
            int start = at;
            while (at < sql.length() && isPartOfWord(sql.charAt(at))) {
                at++;
            }
            if (isEscapePrefix(start)) {
                quoted('\'', true);
                return;
            }
            judge(sql.substring(start, at).toLowerCase(Locale.ROOT));
        }

        private static boolean isPartOfWord(char c) {
            return Character.isLetterOrDigit(c) || c == '_' || c == '$';
        }

        private boolean isEscapePrefix(int start) {
            return at == start + 1
                    && at < sql.length()
                    && sql.charAt(at) == '\''
                    && Character.toLowerCase(sql.charAt(start)) == 'e';
        }

        private void judge(String word) {
            words++;
            if (words == 1) {
                judgeFirst(word);
            } else if (words == 2 && first.equals("set") && !PASSING.contains(word)) {
                changes = true;
            }
            changes |= TELLING.contains(word);
            commits |= word.equals(CONCURRENTLY);
        }

        private void judgeFirst(String word) {
            first = word;
            commits |= COMMITTING.contains(word);
            if (TRANSACTION.contains(word)) {
                transaction = true;
            } else if (SPOILING.contains(word)) {
                spoils = true;
                rebinds |= word.equals("discard");
            } else if (word.equals("reset")) {
                changes = true;
                rebinds = true;
            } else if (!word.equals("set") && !HARMLESS.contains(word)) {
                changes = true;
            }
        }

        private void skip(char c) {
            switch (c) {
                case '\'' -> quoted('\'', false);
                case '"' -> quotedName();
                case '-' -> {
                    if (sql.startsWith("--", at)) {
                        to("\n");
                    } else {
                        at++;
                    }
                }
                case '/' -> {
                    if (sql.startsWith("/*", at)) {
                        comment();
                    } else {
                        at++;
                    }
                }
                case '$' -> dollar();
                default -> at++;
            }
        }

        /** Starts at the opening quote; a doubled quote inside is read as the end of one and the start of the next. */
        private void quoted(char quote, boolean escapes) {
            at++;
            while (at < sql.length() && sql.charAt(at) != quote) {
                at += escapes && sql.charAt(at) == '\\' ? 2 : 1;
            }
            at++;
        }

        /** A name in quotes is the same function or schema; one with escapes may be any. */
        private void quotedName() {
            boolean escaped = at > 0 && sql.charAt(at - 1) == '&';
            int start = at + 1;
            quoted('"', false);
            changes |= escaped || TELLING.contains(sql.substring(start, Math.max(start, at - 1)));
        }

        private void comment() {
            int depth = 0;
            do {
                if (sql.startsWith("/*", at)) {
                    depth++;
                    at += 2;
                } else if (sql.startsWith("*/", at)) {
                    depth--;
                    at += 2;
                } else {
                    at++;
                }
            } while (depth > 0 && at < sql.length());
        }

        private void dollar() {
            int end = at + 1;
            while (end < sql.length() && isPartOfWord(sql.charAt(end)) && sql.charAt(end) != '$') {
                end++;
            }
            boolean isTag = end < sql.length() && sql.charAt(end) == '$' && !Character.isDigit(sql.charAt(at + 1));
            if (!isTag) {
                at++;
                return;
            }
            String tag = sql.substring(at, end + 1);
            at = end + 1;
            to(tag);
        }

        private void to(String end) {
            int found = sql.indexOf(end, at);
            at = found < 0 ? sql.length() : found + end.length();
        }
    }
}
