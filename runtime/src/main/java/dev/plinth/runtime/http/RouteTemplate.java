package dev.plinth.runtime.http;

/**
 * The template of a path, put together from what the routers of one request say: each tells the routes that it tries, and one inside
 * of another tells them without where it is mounted. Used on the plugin's context.
 */
final class RouteTemplate {

    /** The router says so of a route that ends in an asterisk. */
    private static final String ANYTHING_BELOW = "/";

    private final String prefix;
    private final String path;
    private String mounted;

    /** @param prefix of the plugin's routes, with which the path begins */
    RouteTemplate(String prefix, String path) {
        this.prefix = prefix;
        this.path = path;
        this.mounted = prefix;
    }

    /** The whole of a route that matches. */
    String of(String route) {
        String template = mounted + route;
        if (!mounted.equals(prefix) && !matches(template, path)) {
            template = prefix + route;
        }
        if (template.endsWith(ANYTHING_BELOW)) {
            // A router may be mounted here, or it is only a handler of all that is below.
            mounted = template.substring(0, template.length() - ANYTHING_BELOW.length());
        }
        return template;
    }

    private static boolean matches(String template, String path) {
        String[] wanted = template.split("/", -1);
        String[] given = path.split("/", -1);
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i].isEmpty() && i == wanted.length - 1) {
                return true;
            }
            if (i >= given.length || !(wanted[i].startsWith(":") || wanted[i].equals(given[i]))) {
                return false;
            }
        }
        return wanted.length == given.length;
    }
}
