package dev.plinth.runtime.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds out whether a plugin answers HEAD by itself, before its routes are asked: what they do cannot be taken back. */
final class HeadRoutes {

    private static final Pattern PARAMETER = Pattern.compile(":\\w+");

    private HeadRoutes() {}

    /** Where only the router could tell, as with a regular expression, that is assumed. */
    static boolean take(String path, Router router) {
        return take(path, "", router);
    }

    private static boolean take(String path, String mounted, Router router) {
        return router.getRoutes().stream().anyMatch(route -> take(path, mounted, route));
    }

    private static boolean take(String path, String mounted, Route route) {
        String template = mounted + Objects.requireNonNullElse(route.getPath(), "/");
        if (route.getSubRouter() != null) {
            return take(path, withoutSlash(template), route.getSubRouter());
        }
        Set<HttpMethod> methods = route.methods();
        return methods != null
                && methods.contains(HttpMethod.HEAD)
                && (route.getPath() == null || matches(template, route.isExactPath(), path));
    }

    private static boolean matches(String template, boolean exact, String path) {
        String parts = PARAMETER.matcher(withoutSlash(template)).replaceAll("\\\\E[^/]+\\\\Q");
        return path.matches("\\Q" + parts + "\\E" + (exact ? "/?" : ".*"));
    }

    private static String withoutSlash(String template) {
        return template.endsWith("/") ? template.substring(0, template.length() - 1) : template;
    }
}
