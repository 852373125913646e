package dev.plinth.runtime.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How a verb writes its result. */
enum Format {
    /** For people. */
    TEXT,
    YAML,
    JSON;

    /** Reads what {@code --format} takes where the result is a document. */
    static final class Converter implements ITypeConverter<Format> {
        @Override
        public Format convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "yaml" -> YAML;
                case "json" -> JSON;
                default -> throw new TypeConversionException("expected yaml or json");
            };
        }
    }
}
