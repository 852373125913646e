package dev.plinth.example.catalog;

import java.text.Normalizer;
import java.util.Locale;

/** Text as it is compared. Done here, as databases disagree on anything beyond ASCII. */
final class Texts {

    private Texts() {}

    /** The same for two texts that differ in case only, or in how their accents are encoded. */
    static String fold(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC)
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
    }
}
