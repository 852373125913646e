package dev.plinth.runtime.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigLoader;
import dev.plinth.runtime.config.ConfigRequest;
import dev.plinth.runtime.config.SecretTexts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {

    private final Secrets secrets = new Secrets();

    @Test
    void blanksThemWhereverTheyOccur() {
        secrets.add(List.of("hunter2hunter2", "hunter2hunter2-longer", "schlüssel!"));

        assertThat(secrets.blank("a=hunter2hunter2,b=hunter2hunter2-longer;xschlüssel!x"))
                .isEqualTo("a=***,b=***;x***x");
        assertThat(secrets.blank("nothing to hide")).isEqualTo("nothing to hide");
        assertThat(secrets.blank("")).isEmpty();
    }

    @Test
    void blanksShortOnesAsWordsOnlyAndTheShortestNotAtAll() {
        secrets.add(List.of("item", "a1"));

        assertThat(secrets.blank("password item, items, a1")).isEqualTo("password ***, items, a1");
    }

    @Test
    void blanksWhatSaysOfItselfThatItIsSecret() {
        assertThat(secrets.blank(
                        "cannot log in at jdbc:postgresql://app:in-a-url@db/x with user=app&password=s3cret&ssl=true"))
                .isEqualTo("cannot log in at jdbc:postgresql://***@db/x with user=app&password=***&ssl=true");
        assertThat(secrets.blank("api_key='a b', accessToken=abc; plugin=todo route=/api/x"))
                .isEqualTo("api_key=***, accessToken=***; plugin=todo route=/api/x");
        assertThat(secrets.blank("password= and more, key: value, a==b="))
                .isEqualTo("password= and more, key: value, a==b=");
    }

    @Test
    void blanksEachLineOfAKey() {
        secrets.add(List.of("-----BEGIN KEY-----\nMIIabcdefgh\n-----END KEY-----\n"));

        assertThat(secrets.blank("cannot read MIIabcdefgh")).isEqualTo("cannot read ***");
    }

    @Test
    void findsWhatAConfigurationKeepsSecret(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("pin.txt"), "from-a-file\n");
        Files.writeString(
                directory.resolve("app-config.yaml"),
                """
                backend:
                  admin: {token: the-token}
                  database:
                    client: pg
                    connection: {user: postgres, password: postgres, host: db}
                    plugin: {todo: {connection: 'postgres://app:in-a-url@db/x'}, shop: {connection: 'postgres://shopkeeper:shopkeeper@db/x'}}
                todo: {pin: {$file: pin.txt}, name: open-value, number: {password: 123456}}
                """);
        Config config = ConfigLoader.load(
                        new ConfigRequest(Optional.of(directory), List.of(), List.of(), Map.of(), directory))
                .config();

        assertThat(SecretTexts.of(config))
                .contains("the-token", "from-a-file", "in-a-url", "123456")
                .doesNotContain("postgres", "shopkeeper", "open-value", "db");
    }
}
