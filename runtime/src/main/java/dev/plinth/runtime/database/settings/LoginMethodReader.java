package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.database.PostgresSettings.LoginMethod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads {@code connection.type}: a password, or one of the clouds' own logins with what they need. */
final class LoginMethodReader {

    private static final Set<String> ADDRESS_TYPES = Set.of("PUBLIC", "PRIVATE", "PSC");
    private static final List<String> AZURE_TEXTS = List.of("clientId", "tenantId", "clientSecret");

    private final Layered connection;
    private final Reader reader;
    private final Map<String, String> environment;

    LoginMethodReader(Layered connection, Reader reader, Map<String, String> environment) {
        this.connection = connection;
        this.reader = reader;
        this.environment = environment;
    }

    LoginMethod read() {
        Layered setting = connection.child("type");
        Optional<String> type = reader.text("type", setting);
        return type.isEmpty() ? LoginMethod.PASSWORD : method(type.get(), setting.value());
    }

    private LoginMethod method(String type, Config place) {
        return switch (type) {
            case "default" -> LoginMethod.PASSWORD;
            case "azure" -> azure();
            case "rds" -> rds(place);
            case "cloudsql" -> cloudSql(place);
            default -> unknown(place);
        };
    }

    private LoginMethod unknown(Config place) {
        reader.error(
                place,
                "unknown-connection-type",
                "expected default, azure, rds or cloudsql, got " + Reader.shown(place),
                "");
        return LoginMethod.PASSWORD;
    }

    private LoginMethod azure() {
        Layered credential = connection.child("tokenCredential");
        AZURE_TEXTS.forEach(key -> reader.secret("tokenCredential." + key, credential.child(key)));
        return LoginMethod.AZURE;
    }

    private LoginMethod rds(Config type) {
        List<String> missing = Stream.of("host", "port", "user")
                .filter(key -> !connection.child(key).isPresent())
                .toList();
        if (!missing.isEmpty()) {
            reader.error(type, "rds-missing-setting", "type rds needs " + String.join(" and ", missing) + " too", "");
        }
        if (region().isEmpty()) {
            reader.error(type, "rds-missing-region", "type rds needs a region", "set connection.region or AWS_REGION");
        }
        return LoginMethod.RDS;
    }

    private Optional<String> region() {
        return reader.text("region", connection.child("region")).or(() -> Stream.of("AWS_REGION", "AWS_DEFAULT_REGION")
                .map(variable -> environment.getOrDefault(variable, ""))
                .filter(value -> !value.isEmpty())
                .findFirst());
    }

    private LoginMethod cloudSql(Config type) {
        if (reader.text("instance", connection.child("instance")).isEmpty()) {
            reader.error(
                    type,
                    "cloudsql-missing-instance",
                    "type cloudsql needs an instance too",
                    "set connection.instance to project:region:instance");
        }
        Layered addressType = connection.child("ipAddressType");
        Optional<String> given = reader.text("ipAddressType", addressType);
        if (given.isPresent() && !ADDRESS_TYPES.contains(given.get())) {
            reader.error(
                    addressType.value(),
                    "cloudsql-invalid-ip-type",
                    "expected PUBLIC, PRIVATE or PSC, got " + Reader.shown(addressType.value()),
                    "");
        }
        return LoginMethod.CLOUDSQL;
    }
}
