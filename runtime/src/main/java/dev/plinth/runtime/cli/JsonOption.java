package dev.plinth.runtime.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** By which a verb writes for programs what is a table for people otherwise. A mixin. */
final class JsonOption {

    @Option(names = "--format", paramLabel = "json", converter = Converter.class, description = "json, for programs.")
    private @Nullable Format format;

    boolean isGiven() {
        return format == Format.JSON;
    }

    static final class Converter implements ITypeConverter<Format> {
        @Override
        public Format convert(String value) {
            if (value.equalsIgnoreCase("json")) {
                return Format.JSON;
            }
            throw new TypeConversionException("expected json");
        }
    }
}
