package dev.plinth.runtime.cli;

import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How log events look: text for people, JSON for programs. */
enum LogFormat {
    TEXT,
    JSON;

    static Optional<LogFormat> named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "text" -> Optional.of(TEXT);
            case "json" -> Optional.of(JSON);
            default -> Optional.empty();
        };
    }

    /** Reads the names that the option {@code --log-format} takes. */
    static final class Converter implements ITypeConverter<LogFormat> {
        @Override
        public LogFormat convert(String value) {
            return named(value).orElseThrow(() -> new TypeConversionException("expected text or json"));
        }
    }
}
