package dev.plinth.runtime.database.migration;

import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides whether a plan may be carried out. */
public enum MigrationPolicy {
    /** An older jar starts on a newer database, as in a rolling upgrade, with a warning. */
    WARN_WHEN_NEWER,
    /** An older jar refuses to start on a newer database. */
    REFUSE_WHEN_NEWER;

    private static final Logger LOG = LoggerFactory.getLogger(MigrationPolicy.class);
    private static final int CHECKSUM_SHOWN = 12;

    /** @throws MigrationException when the plan must not be carried out */
    void check(String pluginId, MigrationPlan plan) {
        if (!plan.changed().isEmpty()) {
            throw new MigrationException(pluginId, changed(pluginId, plan.changed()));
        }
        if (!plan.gaps().isEmpty()) {
            throw new MigrationException(pluginId, gap(plan.gaps()));
        }
        if (!plan.newer().isEmpty()) {
            newer(pluginId, plan.newer());
        }
        if (!plan.lost().isEmpty()) {
            LOG.warn(
                    "plugin '{}': {} applied to its database, but not in its jar; was a migration file removed?",
                    pluginId,
                    versions(plan.lost()));
        }
    }

    private void newer(String pluginId, List<Applied> newer) {
        String text = "its database is newer than its jar: " + versions(newer) + " applied by a newer jar";
        if (this == REFUSE_WHEN_NEWER) {
            throw new MigrationException(
                    pluginId, text + "; install that jar, or set backend.database.newerHistory: warn");
        }
        LOG.warn("plugin '{}': {}; starting all the same", pluginId, text);
    }

    private static String changed(String pluginId, List<Migration> changed) {
        String files = changed.stream()
                .map(migration -> "migration " + migration.source() + " (" + migration.label() + ", now "
                        + shorten(migration.checksum()) + ")")
                .collect(Collectors.joining(", "));
        return files + " was changed after it was applied; restore the text, put the change into a new version,"
                + " or accept it with \"plinth db migrate --repair --plugin " + pluginId + "\"";
    }

    private static String gap(List<Migration> gaps) {
        String files = gaps.stream()
                .map(migration -> "migration " + migration.source() + " (" + migration.label() + ")")
                .collect(Collectors.joining(", "));
        return files + " was never applied, but a newer version was; give it a number above the newest applied one";
    }

    private static String versions(List<Applied> rows) {
        return rows.stream()
                .map(row -> "version " + row.version() + " (" + row.name() + ") was")
                .collect(Collectors.joining(", "));
    }

    private static String shorten(String checksum) {
        return checksum.isEmpty() ? "Java" : checksum.substring(0, Math.min(CHECKSUM_SHOWN, checksum.length()));
    }
}
