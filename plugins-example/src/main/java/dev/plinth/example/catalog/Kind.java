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
    private static final Field DEFINITION = required("spec.definition", Check.TEXT.orPlaceholder());
    private static final Field REMOTES = required("spec.remotes", Check.LIST);
    private static final Field STEPS = required("spec.steps", Check.LIST);
    private static final Field TARGET = optional("spec.target", Check.TEXT);
    private static final Field TARGETS = optional("spec.targets", Check.TEXTS);
    private static final Field PRESENCE = optional("spec.presence", Check.oneOf(List.of("required", "optional")));
    private static final Field PROFILE = optional("spec.profile", Check.OBJECT);
    private static final Field DISPLAY_NAME = optional("spec.profile.displayName", Check.TEXT);
    private static final Field EMAIL = optional("spec.profile.email", Check.TEXT);
    private static final Field PICTURE = optional("spec.profile.picture", Check.TEXT);

    private static final Field OWNER = required("spec.owner", Check.TEXT).linking("ownedBy", "ownerOf", "group");
    private static final Field ANY_OWNER = optional("spec.owner", Check.TEXT).linking("ownedBy", "ownerOf", "group");
    private static final Field SYSTEM = partOf("spec.system", "system");
    private static final Field SUBCOMPONENT_OF = partOf("spec.subcomponentOf", "component");
    private static final Field DOMAIN = partOf("spec.domain", "domain");
    private static final Field SUBDOMAIN_OF = partOf("spec.subdomainOf", "domain");
    private static final Field PROVIDES_APIS =
            optional("spec.providesApis", Check.TEXTS).linking("providesApi", "apiProvidedBy", "api");
    private static final Field CONSUMES_APIS =
            optional("spec.consumesApis", Check.TEXTS).linking("consumesApi", "apiConsumedBy", "api");
    private static final Field DEPENDS_ON =
            optional("spec.dependsOn", Check.TEXTS).linking("dependsOn", "dependencyOf", null);
    private static final Field DEPENDENCY_OF =
            optional("spec.dependencyOf", Check.TEXT_OR_TEXTS).linking("dependencyOf", "dependsOn", null);
    private static final Field PARENT = optional("spec.parent", Check.TEXT).linking("childOf", "parentOf", "group");
    private static final Field CHILDREN =
            required("spec.children", Check.TEXTS).linking("parentOf", "childOf", "group");
    private static final Field MEMBERS = optional("spec.members", Check.TEXTS).linking("hasMember", "memberOf", "user");
    private static final Field MEMBER_OF =
            required("spec.memberOf", Check.TEXTS).linking("memberOf", "hasMember", "group");

    private static final Kind COMPONENT = new Kind(
            "Component",
            BACKSTAGE,
            List.of(
                    TYPE,
                    LIFECYCLE,
                    OWNER,
                    SYSTEM,
                    SUBCOMPONENT_OF,
                    PROVIDES_APIS,
                    CONSUMES_APIS,
                    DEPENDS_ON,
                    DEPENDENCY_OF));
    private static final Kind API = new Kind("API", BACKSTAGE, List.of(TYPE, LIFECYCLE, OWNER, SYSTEM, DEFINITION));
    private static final Kind MCP_SERVER = new Kind("API", BACKSTAGE, List.of(TYPE, LIFECYCLE, OWNER, SYSTEM, REMOTES));
    private static final Kind RESOURCE =
            new Kind("Resource", BACKSTAGE, List.of(TYPE, OWNER, SYSTEM, DEPENDS_ON, DEPENDENCY_OF));
    private static final Kind SYSTEMS = new Kind("System", BACKSTAGE, List.of(ANY_TYPE, OWNER, DOMAIN));
    private static final Kind DOMAINS = new Kind("Domain", BACKSTAGE, List.of(ANY_TYPE, OWNER, SUBDOMAIN_OF));
    private static final Kind GROUP = new Kind(
            "Group", BACKSTAGE, List.of(TYPE, CHILDREN, PARENT, MEMBERS, PROFILE, DISPLAY_NAME, EMAIL, PICTURE));
    private static final Kind USER =
            new Kind("User", BACKSTAGE, List.of(MEMBER_OF, PROFILE, DISPLAY_NAME, EMAIL, PICTURE));
    private static final Kind LOCATION = new Kind("Location", BACKSTAGE, List.of(ANY_TYPE, TARGET, TARGETS, PRESENCE));
    private static final Kind TEMPLATE = new Kind("Template", SCAFFOLDER, List.of(TYPE, STEPS, ANY_OWNER));

    private static final Map<String, Kind> STANDARD = Stream.of(
                    COMPONENT, API, RESOURCE, SYSTEMS, DOMAINS, GROUP, USER, LOCATION, TEMPLATE)
            .collect(Collectors.toUnmodifiableMap(kind -> kind.name.toLowerCase(Locale.ROOT), Function.identity()));

    /** The standard kind of an entity; none when the organisation made the kind itself, which is fine. */
    static Optional<Kind> of(JsonObject entity) {
        Optional<Kind> kind =
                Optional.ofNullable(STANDARD.get(entity.getString("kind").toLowerCase(Locale.ROOT)));
        return kind.map(found -> found.equals(API) && isMcpServer(entity) ? MCP_SERVER : found);
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
}
