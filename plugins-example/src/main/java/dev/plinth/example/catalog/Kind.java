package dev.plinth.example.catalog;

import static dev.plinth.example.catalog.Field.optional;
import static dev.plinth.example.catalog.Field.required;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One of Backstage's standard kinds: what its spec must hold, and the relations that its fields make. */
record Kind(String name, List<String> apiVersions, List<Field> fields) {

    private static final List<String> BACKSTAGE = List.of("backstage.io/v1alpha1", "backstage.io/v1beta1");
    private static final List<String> SCAFFOLDER = List.of("scaffolder.backstage.io/v1beta3");

    private static final Field TYPE = required("spec.type", Check.TEXT);
    private static final Field ANY_TYPE = optional("spec.type", Check.TEXT);
    private static final Field LIFECYCLE = required("spec.lifecycle", Check.TEXT);
    private static final Field OWNER = required("spec.owner", Check.TEXT).linking("ownedBy", "ownerOf", "group");
    private static final Field SYSTEM = partOf("spec.system", "system");
    private static final Field DEPENDS_ON =
            optional("spec.dependsOn", Check.TEXTS).linking("dependsOn", "dependencyOf", null);
    private static final Field DEPENDENCY_OF =
            optional("spec.dependencyOf", Check.TEXT_OR_TEXTS).linking("dependencyOf", "dependsOn", null);
    private static final List<Field> PROFILE = List.of(
            optional("spec.profile", Check.OBJECT),
            optional("spec.profile.displayName", Check.TEXT),
            optional("spec.profile.email", Check.TEXT),
            optional("spec.profile.picture", Check.TEXT));

    private static final Kind MCP_SERVER =
            new Kind("API", BACKSTAGE, List.of(TYPE, LIFECYCLE, OWNER, SYSTEM, required("spec.remotes", Check.LIST)));

    private static final Map<String, Kind> STANDARD = Stream.of(
                    new Kind(
                            "Component",
                            BACKSTAGE,
                            List.of(
                                    TYPE,
                                    LIFECYCLE,
                                    OWNER,
                                    SYSTEM,
                                    partOf("spec.subcomponentOf", "component"),
                                    optional("spec.providesApis", Check.TEXTS)
                                            .linking("providesApi", "apiProvidedBy", "api"),
                                    optional("spec.consumesApis", Check.TEXTS)
                                            .linking("consumesApi", "apiConsumedBy", "api"),
                                    DEPENDS_ON,
                                    DEPENDENCY_OF)),
                    new Kind(
                            "API",
                            BACKSTAGE,
                            List.of(
                                    TYPE,
                                    LIFECYCLE,
                                    OWNER,
                                    SYSTEM,
                                    required("spec.definition", Check.TEXT.orPlaceholder()))),
                    new Kind("Resource", BACKSTAGE, List.of(TYPE, OWNER, SYSTEM, DEPENDS_ON, DEPENDENCY_OF)),
                    new Kind("System", BACKSTAGE, List.of(ANY_TYPE, OWNER, partOf("spec.domain", "domain"))),
                    new Kind("Domain", BACKSTAGE, List.of(ANY_TYPE, OWNER, partOf("spec.subdomainOf", "domain"))),
                    new Kind(
                            "Group",
                            BACKSTAGE,
                            with(
                                    PROFILE,
                                    TYPE,
                                    required("spec.children", Check.TEXTS).linking("parentOf", "childOf", "group"),
                                    optional("spec.parent", Check.TEXT).linking("childOf", "parentOf", "group"),
                                    optional("spec.members", Check.TEXTS).linking("hasMember", "memberOf", "user"))),
                    new Kind(
                            "User",
                            BACKSTAGE,
                            with(
                                    PROFILE,
                                    required("spec.memberOf", Check.TEXTS).linking("memberOf", "hasMember", "group"))),
                    new Kind(
                            "Location",
                            BACKSTAGE,
                            List.of(
                                    ANY_TYPE,
                                    optional("spec.target", Check.TEXT),
                                    optional("spec.targets", Check.TEXTS),
                                    optional("spec.presence", Check.oneOf(List.of("required", "optional"))))),
                    new Kind(
                            "Template",
                            SCAFFOLDER,
                            List.of(
                                    TYPE,
                                    required("spec.steps", Check.LIST),
                                    optional("spec.owner", Check.TEXT).linking("ownedBy", "ownerOf", "group"))))
            .collect(Collectors.toUnmodifiableMap(kind -> kind.name.toLowerCase(Locale.ROOT), Function.identity()));

    /** The standard kind of an entity; none when the organisation made the kind itself, which is fine. */
    static Optional<Kind> of(JsonObject entity) {
        Optional<Kind> kind =
                Optional.ofNullable(STANDARD.get(entity.getString("kind").toLowerCase(Locale.ROOT)));
        return kind.map(found -> found.name.equals("API") && isMcpServer(entity) ? MCP_SERVER : found);
    }

    /** The usual spelling of a kind. */
    static String spelling(String kind) {
        Kind standard = STANDARD.get(kind.toLowerCase(Locale.ROOT));
        return standard == null ? kind : standard.name;
    }

    private static boolean isMcpServer(JsonObject entity) {
        return entity.getValue("spec") instanceof JsonObject spec && "mcp-server".equals(spec.getValue("type"));
    }

    private static Field partOf(String path, String defaultKind) {
        return optional(path, Check.TEXT).linking("partOf", "hasPart", defaultKind);
    }

    private static List<Field> with(List<Field> more, Field... fields) {
        return Stream.concat(Stream.of(fields), more.stream()).toList();
    }
}
