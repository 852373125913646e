package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.Secret;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** A backend that runs, reached through its server for operators. Blocks; failures are {@link InstanceException}s. */
final class RunningInstance {

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(3);
    private static final Duration READ_LIMIT = Duration.ofSeconds(30);
    /** Stopping, migrating and starting have limits of their own. */
    private static final Duration ORDER_LIMIT = Duration.ofMinutes(30);

    private final URI url;
    private final Optional<Secret> token;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_LIMIT)
            .build();

    RunningInstance(URI url, Optional<Secret> token) {
        this.url = url;
        this.token = token;
    }

    JsonObject get(String path) {
        return send(request(path, READ_LIMIT).GET());
    }

    JsonObject post(String path, JsonObject body) {
        return send(request(path, ORDER_LIMIT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.encode())));
    }

    /** Fails unless the backend was started with the same files, or in the same directory when there are none. */
    void requireConfiguration(Set<Path> files, Path workingDirectory) {
        JsonObject instance = get("/admin/instance");
        var itsFiles = instance.getJsonArray("configurationFiles");
        boolean anyFile = files.stream().anyMatch(Files::exists);
        boolean same = (anyFile || !itsFiles.isEmpty())
                ? files.stream().anyMatch(file -> itsFiles.contains(file.toString()))
                : workingDirectory.toString().equals(instance.getString("workingDirectory"));
        if (!same) {
            throw InstanceException.notRunning("no backend of this configuration runs: the one at " + url
                    + " runs in " + instance.getString("workingDirectory")
                    + (itsFiles.isEmpty() ? "" : " with " + itsFiles.getString(0))
                    + "; give the same --config or --conf-dir, or --url to mean that one or another");
        }
    }

    private HttpRequest.Builder request(String path, Duration limit) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url.resolve(path)).timeout(limit);
        token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret.reveal()));
        return request;
    }

    private JsonObject send(HttpRequest.Builder request) {
        HttpResponse<String> response = exchange(request);
        if (response.statusCode() == 404
                && exchange(request("/admin/instance", READ_LIMIT).GET()).statusCode() == 404) {
            throw InstanceException.notRunning("what answers at " + url
                    + " is no server for operators, of whose URL a backend tells when it starts; name it with --url");
        }
        return document(response);
    }

    private HttpResponse<String> exchange(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (ConnectException | HttpConnectTimeoutException e) {
            throw InstanceException.notRunning(
                    "no running backend found at " + url + "; start one with plinth start, or name another with --url");
        } catch (HttpTimeoutException e) {
            throw InstanceException.refused("the backend at " + url + " did not answer in time; it may be overloaded");
        } catch (IOException e) {
            throw InstanceException.notRunning(
                    "what answers at " + url + " is no running backend: " + e.getMessage() + "; name one with --url");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw InstanceException.refused("interrupted");
        }
    }

    private JsonObject document(HttpResponse<String> response) {
        JsonObject body = parsed(response.body());
        if (response.statusCode() == 200) {
            return body;
        }
        if (response.statusCode() == 401) {
            throw InstanceException.refused("the backend at " + url + " wants "
                    + (token.isPresent() ? "another token" : "a token")
                    + "; give a file with its backend.admin.token to --token-file");
        }
        throw InstanceException.refused(
                body.getString("detail", "the backend at " + url + " answered " + response.statusCode()));
    }

    private JsonObject parsed(String body) {
        try {
            return new JsonObject(body);
        } catch (DecodeException | ClassCastException e) {
            throw InstanceException.notRunning(
                    "what answers at " + url + " is no running backend; name one with --url");
        }
    }
}
