package dev.plinth.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
class StoresTest {

    @TempDir
    private Path directory;

    @Test
    void layersAStoreAboveTheFilesAndBelowTheVariables() throws IOException {
        write(
                "app-config.yaml",
                "a: file\nb: file\nconfig: {stores: [{type: json, config: {a: store, b: store, c: store}}]}\n");

        LoadedConfig loaded = ConfigLoader.load(Requests.in(directory, Map.of("APP_CONFIG_b", "variable")));

        assertThat(loaded.config().at("a").toPlain()).isEqualTo("store");
        assertThat(loaded.config().at("b").toPlain()).isEqualTo("variable");
        assertThat(loaded.config().at("c").source()).isEqualTo("config.stores[0] (json)");
        assertThat(loaded.layerNames()).containsExactly("app-config.yaml", "config.stores[0] (json)", "APP_CONFIG_*");
    }

    @Test
    void putsAStoreBeforeTheLayerThatItNames() throws IOException {
        write(
                "app-config.yaml",
                "config: {stores: [{type: json, before: app-config.local.yaml, config: {a: store, b: 1}}]}\n");
        write("app-config.local.yaml", "a: local\n");

        LoadedConfig loaded = ConfigLoader.load(Requests.in(directory));

        assertThat(loaded.config().at("a").toPlain()).isEqualTo("local");
        assertThat(loaded.config().at("b").toPlain()).isEqualTo(1L);
    }

    @Test
    void asksAServerWithAPasswordFromAFile(Vertx vertx) throws IOException, ExecutionException, InterruptedException {
        int port = vertx.createHttpServer()
                .requestHandler(
                        request -> request.response().end("{\"header\": \"" + request.getHeader("x-token") + "\"}"))
                .listen(0)
                .toCompletionStage()
                .toCompletableFuture()
                .get()
                .actualPort();
        write(
                "app-config.yaml",
                "config: {stores: [{type: http, config: {host: localhost, port: " + port
                        + ", path: /x, headers: {x-token: {$file: token}}}}]}\n");
        write("token", "t0ken\n");

        LoadedConfig loaded = ConfigLoader.load(Requests.in(directory), () -> vertx);

        assertThat(loaded.config().at("header").toPlain()).isEqualTo("t0ken");
    }

    @Test
    void reportsABrokenStoreWhetherOptionalOrNot() throws IOException {
        write("broken.json", "{");
        write(
                "app-config.yaml",
                "config: {stores: [{type: file, config: {path: " + directory.resolve("broken.json") + "}}]}\n");

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigLoader.load(Requests.in(directory)))
                .withMessage(
                        "app-config.yaml:1:19 config.stores[0]: the store cannot be read: DecodeException; check its"
                                + " options, or set optional: true");

        write(
                "app-config.yaml",
                "a: 1\nconfig: {stores: [{type: file, optional: true, config: {path: "
                        + directory.resolve("broken.json") + "}}]}\n");
        LoadedConfig loaded = ConfigLoader.load(Requests.in(directory));
        assertThat(loaded.config().at("a").toPlain()).isEqualTo(1L);
        assertThat(loaded.warnings()).extracting(Problem::code).containsExactly("store-failed");
    }

    @Test
    void saysWhereNobodyListens() throws IOException {
        write(
                "app-config.yaml",
                "config: {stores: [{type: http, format: json, config: {host: 127.0.0.1, port: 1, path: /x}}]}\n");

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigLoader.load(Requests.in(directory)))
                .withMessageContaining("the store cannot be read: Connection refused: /127.0.0.1:1; check its options");
    }

    @Test
    void reportsATypeThatDoesNotExist() throws IOException {
        write("app-config.yaml", "config: {stores: [{type: carrier-pigeon}, {format: json}]}\n");

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigLoader.load(Requests.in(directory)))
                .satisfies(e ->
                        assertThat(e.problems()).extracting(Problem::code).contains("store-failed", "missing-key"));
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }
}
