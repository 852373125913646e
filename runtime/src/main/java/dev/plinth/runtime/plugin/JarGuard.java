package dev.plinth.runtime.plugin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Looks at a jar before anything of it is run. Blocks. */
final class JarGuard {

    private JarGuard() {}

    /** Why nobody can be sure that this jar is what the operator put there; empty when all is well. */
    static Optional<String> objection(Path jar) throws IOException {
        Path directory = jar.toAbsolutePath().getParent();
        Path real = jar.toRealPath();
        if (directory != null && !real.startsWith(directory.toRealPath())) {
            return Optional.of("leads out of the plugin directory, to " + real + "; put the jar itself there");
        }
        return isWritableByAll(real)
                ? Optional.of("may be changed by everybody on this machine; take that right away: chmod o-w " + jar)
                : Optional.empty();
    }

    /** Reads all of it, so that one that is half written, or written over, is noticed. */
    static void verify(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                verify(zip, entries.nextElement());
            }
        }
    }

    private static void verify(ZipFile zip, ZipEntry entry) throws IOException {
        try (CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32())) {
            in.transferTo(OutputStream.nullOutputStream());
            if (entry.getCrc() >= 0 && in.getChecksum().getValue() != entry.getCrc()) {
                throw new ZipException(entry.getName() + " is damaged");
            }
        }
    }

    /** In lower-case hexadecimal digits. */
    static String sha256(Path jar) throws IOException {
        try (DigestInputStream in =
                new DigestInputStream(Files.newInputStream(jar), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static boolean isWritableByAll(Path file) throws IOException {
        PosixFileAttributeView posix = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        return posix != null && posix.readAttributes().permissions().contains(PosixFilePermission.OTHERS_WRITE);
    }
}
