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
        Router below = route.getSubRouter();
        if (below == null && !isForHead(route)) {
            return false;
        }
        String template = mounted + Objects.requireNonNullElse(route.getPath(), "/");
        return (route.getPath() == null || path.matches(pattern(template, route)))
                && (below == null || take(path, withoutSlash(template), below));
    }

    private static boolean isForHead(Route route) {
        Set<HttpMethod> methods = route.methods();
        return methods != null && methods.contains(HttpMethod.HEAD);
    }

    private static String pattern(String template, Route route) {
        String parts = PARAMETER.matcher(withoutSlash(template)).replaceAll("\\\\E[^/]+\\\\Q");
        return "\\Q" + parts + "\\E" + end(template, route);
    }

    private static String end(String template, Route route) {
        if (route.isExactPath()) {
            return "/?";
        }
        if (!template.endsWith("/")) {
            return ".*";
        }
        // As the router does: with parameters the slash has to be there.
        return route.isRegexPath() ? "/.*" : "(/.*)?";
    }

    private static String withoutSlash(String template) {
        return template.endsWith("/") ? template.substring(0, template.length() - 1) : template;
    }
}
