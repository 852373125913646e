package dev.plinth.runtime.database.migration;

import dev.plinth.plugin.Dialect;
import dev.plinth.plugin.JavaMigration;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import dev.plinth.runtime.database.migration.SqlSplitter.Statement;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns a plugin's files and classes into migrations for one dialect: versions in their order, then repeatable ones by name. */
final class MigrationReader {

    private static final Pattern FILE_NAME = Pattern.compile(
            "(?:V(?<version>\\d{1,18})|(?<repeatable>R))__(?<name>[^.]+)(?:\\.(?<variant>[^.]+))?\\.sql");
    private static final Map<String, Dialect> VARIANTS = Map.of("pg", Dialect.POSTGRESQL, "sqlite", Dialect.SQLITE);
    private static final Pattern NO_TRANSACTION =
            Pattern.compile("^\\s*--\\s*plinth:\\s*no-transaction\\s*$", Pattern.MULTILINE);
    private static final Pattern TRANSACTION_CONTROL = Pattern.compile(
            "(BEGIN|START|COMMIT|END|ROLLBACK(?!\\s+TO)|ABORT|PREPARE(?=\\s+TRANSACTION\\b))\\b",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern COPY_FROM_STDIN =
            Pattern.compile("COPY\\b.*\\bFROM\\s+STDIN\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final String pluginId;
    private final Dialect dialect;

    MigrationReader(String pluginId, Dialect dialect) {
        this.pluginId = pluginId;
        this.dialect = dialect;
    }

    /** @throws MigrationException naming the file that cannot be used */
    List<Migration> read(DatabaseRequest request) {
        List<Migration> migrations = new ArrayList<>();
        chooseVariants(request.migrations()).forEach(file -> migrations.add(fromFile(file)));
        request.javaMigrations().forEach(java -> migrations.add(fromJava(java)));
        refuseDuplicates(migrations);
        migrations.sort(Comparator.comparing(Migration::version, Comparator.nullsLast(Comparator.naturalOrder()))
                .thenComparing(Migration::name));
        return migrations;
    }

    /** The files for this dialect: a variant stands in for the plain file of the same version and name. */
    private List<MigrationFile> chooseVariants(List<MigrationFile> files) {
        Map<String, MigrationFile> chosen = new LinkedHashMap<>();
        for (MigrationFile file : files) {
            if (!file.name().toLowerCase(Locale.ROOT).endsWith(".sql")) {
                continue;
            }
            Matcher name = parse(file.name());
            String variant = name.group("variant");
            if (variant == null) {
                chosen.putIfAbsent(stem(name), file);
            } else if (variantDialect(file.name(), variant) == dialect) {
                chosen.put(stem(name), file);
            }
        }
        return List.copyOf(chosen.values());
    }

    private static String stem(Matcher name) {
        return name.group("version") + "__" + name.group("name");
    }

    private Matcher parse(String fileName) {
        Matcher name = FILE_NAME.matcher(fileName);
        if (!name.matches()) {
            throw new MigrationException(
                    pluginId,
                    "db/migration/" + fileName
                            + " is not named as a migration; expected V<number>__<name>.sql or R__<name>.sql,"
                            + " with .pg.sql or .sqlite.sql for one database only");
        }
        return name;
    }

    private Dialect variantDialect(String fileName, String variant) {
        Dialect known = VARIANTS.get(variant);
        if (known == null) {
            throw new MigrationException(
                    pluginId,
                    "db/migration/" + fileName + ": unknown variant \"" + variant + "\"; known are pg and sqlite");
        }
        return known;
    }

    private Migration fromFile(MigrationFile file) {
        Matcher name = parse(file.name());
        String version = name.group("version");
        String text = normalise(file.text());
        boolean transactional = !NO_TRANSACTION.matcher(text).find();
        List<Statement> statements = split(file.name(), text);
        if (transactional) {
            statements.forEach(statement -> refuseTransactionControl(file.name(), statement));
        }
        return new Migration(
                version == null ? Migration.Kind.REPEATABLE : Migration.Kind.SQL,
                version == null ? null : Long.valueOf(version),
                name.group("name"),
                file.name(),
                checksum(text),
                new Migration.Statements(statements, transactional));
    }

    private static Migration fromJava(JavaMigration java) {
        return new Migration(
                Migration.Kind.JAVA,
                (long) java.version(),
                java.name(),
                java.getClass().getName(),
                "",
                new Migration.Code(java));
    }

    private List<Statement> split(String fileName, String text) {
        try {
            List<Statement> statements = SqlSplitter.split(text, dialect);
            statements.forEach(statement -> refuseCopy(fileName, statement));
            return statements;
        } catch (IllegalArgumentException e) {
            throw new MigrationException(pluginId, "migration " + fileName + ", " + e.getMessage(), e);
        }
    }

    private void refuseTransactionControl(String fileName, Statement statement) {
        Matcher control = TRANSACTION_CONTROL.matcher(statement.sql());
        if (control.lookingAt()) {
            throw new MigrationException(
                    pluginId,
                    "migration " + fileName + ", line " + statement.line() + ": "
                            + control.group().toUpperCase(Locale.ROOT)
                            + " is not allowed, as each file runs in a transaction of its own; remove it, or begin the"
                            + " file with \"-- plinth: no-transaction\"");
        }
    }

    private void refuseCopy(String fileName, Statement statement) {
        if (COPY_FROM_STDIN.matcher(statement.sql()).matches()) {
            throw new MigrationException(
                    pluginId,
                    "migration " + fileName + ", line " + statement.line()
                            + ": COPY FROM STDIN is not supported; use INSERT");
        }
    }

    private void refuseDuplicates(List<Migration> migrations) {
        Map<Long, Migration> seen = new HashMap<>();
        for (Migration migration : migrations) {
            Long version = migration.version();
            Migration other = version == null ? null : seen.put(version, migration);
            if (other != null) {
                throw new MigrationException(
                        pluginId,
                        "migrations " + other.source() + " and " + migration.source() + " have the same version "
                                + version + "; give one of them a number of its own");
            }
        }
    }

    /** The same text whatever system it was checked out on. */
    private static String normalise(String text) {
        String withoutMark = text.startsWith("\uFEFF") ? text.substring(1) : text;
        return withoutMark.replace("\r\n", "\n").replace('\r', '\n');
    }

    private static String checksum(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has SHA-256", e);
        }
    }
}
