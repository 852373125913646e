package dev.plinth.runtime.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How log events look: text for people, JSON for programs. */
enum LogFormat {
    TEXT,
    JSON;

    /** Reads the names that the option {@code --log-format} takes. */
    static final class Converter implements ITypeConverter<LogFormat> {
        @Override
        public LogFormat convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "text" -> TEXT;
                case "json" -> JSON;
                default -> throw new TypeConversionException("expected text or json");
            };
        }
    }
}
