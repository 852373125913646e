package dev.plinth.runtime.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.StringPreparation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a backend meets that starts on an empty PostgreSQL server, as far as its answers decide what is loaded for them: keeps no
 * tables, and knows a few statements. Whatever it gets wrong costs later starts some time, and nothing else. Threads of its own.
 */
final class TrainingServer implements AutoCloseable {

    static final String PASSWORD = "training";

    private static final int TLS_REQUEST = 80877103;
    private static final int BOOL = 16;
    private static final int INT8 = 20;
    private static final int INT4 = 23;
    private static final int TEXT = 25;
    private static final int TIMESTAMPTZ = 1184;

    private static final ScramMechanism SCRAM = ScramMechanism.SCRAM_SHA_256;
    private static final byte[] SALT = "a server's salt".getBytes(UTF_8);
    private static final int ITERATIONS = 4096;

    /** Begins the names of databases that are missing until they are made. */
    private static final String GENERATED = "plinth_plugin_";

    private final ServerSocket socket;
    private final Set<String> databases = ConcurrentHashMap.newKeySet();

    private TrainingServer(ServerSocket socket) {
        this.socket = socket;
    }

    static TrainingServer start() throws IOException {
        TrainingServer server = new TrainingServer(new ServerSocket(0, 0, InetAddress.getLoopbackAddress()));
        run(server::accept);
        return server;
    }

    int port() {
        return socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void accept() throws IOException {
        while (true) {
            Socket accepted = socket.accept();
            run(() -> {
                try (accepted) {
                    new Session(accepted, databases).serve();
                }
            });
        }
    }

    private interface Task {

        void run() throws IOException;
    }

    private static void run(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException e) {
                        // One side has gone, which is how a training ends.
                    }
                },
                "plinth-training-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** One connection. Used by one thread. */
    private static final class Session {

        private final DataInputStream in;
        private final DataOutputStream out;
        private final Set<String> databases;
        private final Map<String, String> prepared = new HashMap<>();
        private String database = "";
        private String schema = "public";
        private String bound = "";
        private boolean schemaExists;
        private char transaction = 'I';

        Session(Socket socket, Set<String> databases) throws IOException {
            this.databases = databases;
            in = new DataInputStream(socket.getInputStream());
            out = new DataOutputStream(socket.getOutputStream());
        }

        void serve() throws IOException {
            byte[] begin = readBody();
            if (begin.length == Integer.BYTES && read(begin).readInt() == TLS_REQUEST) {
                out.writeByte('N');
                begin = readBody();
            }
            logIn(begin);
            while (true) {
                char type = (char) in.readUnsignedByte();
                answer(type, read(readBody()));
            }
        }

        private void logIn(byte[] startup) throws IOException {
            DataInputStream properties = read(startup);
            properties.readInt();
            for (String name = text(properties); !name.isEmpty(); name = text(properties)) {
                String value = text(properties);
                database = name.equals("database") ? value : database;
            }
            send('R', body -> {
                body.writeInt(10);
                write(body, SCRAM.getName());
                body.writeByte(0);
            });
            DataInputStream initial = read(answer());
            text(initial);
            initial.readInt();
            String bare = new String(initial.readAllBytes(), UTF_8).substring("n,,".length());
            String salted = bare.substring(bare.indexOf("r=")) + "more,s="
                    + Base64.getEncoder().encodeToString(SALT) + ",i=" + ITERATIONS;
            authentication(11, salted);
            String proof = new String(answer(), UTF_8);
            authentication(12, signature(bare + "," + salted + "," + proof.substring(0, proof.indexOf(",p="))));
            authentication(0, "");
            if (database.startsWith(GENERATED) && !databases.contains(database)) {
                refuse();
            }
            status("client_encoding", "UTF8");
            status("server_version", "17.0");
            send('K', body -> {
                body.writeInt(1);
                body.writeInt(1);
            });
            ready();
        }

        /** To what the login asked for; who hangs up instead has had enough. */
        private byte[] answer() throws IOException {
            if (in.readByte() != 'p') {
                throw new EOFException();
            }
            return readBody();
        }

        private void refuse() throws IOException {
            send('E', body -> {
                for (String field : List.of("SFATAL", "C3D000", "Mno such database")) {
                    write(body, field);
                }
                body.writeByte(0);
            });
            out.flush();
            throw new EOFException();
        }

        private static String signature(String exchange) {
            byte[] key = ScramFunctions.saltedPassword(
                    SCRAM, StringPreparation.POSTGRESQL_PREPARATION, PASSWORD.toCharArray(), SALT, ITERATIONS);
            byte[] signed = ScramFunctions.serverSignature(SCRAM, ScramFunctions.serverKey(SCRAM, key), exchange);
            return "v=" + Base64.getEncoder().encodeToString(signed);
        }

        private void authentication(int code, String text) throws IOException {
            send('R', body -> {
                body.writeInt(code);
                body.write(text.getBytes(UTF_8));
            });
        }

        private void status(String name, String value) throws IOException {
            send('S', body -> {
                write(body, name);
                write(body, value);
            });
        }

        private void ready() throws IOException {
            send('Z', body -> body.writeByte(transaction));
            out.flush();
        }

        private void answer(char type, DataInputStream message) throws IOException {
            switch (type) {
                case 'Q' -> {
                    for (String statement : text(message).split(";", -1)) {
                        describe(statement.strip());
                        complete(statement.strip());
                    }
                    ready();
                }
                case 'P' -> {
                    prepared.put(text(message), text(message));
                    send('1', body -> {});
                }
                case 'D' -> {
                    message.readByte();
                    String statement = Objects.requireNonNullElse(prepared.get(text(message)), "");
                    send('t', body -> parameters(statement, body));
                    send('n', body -> {});
                }
                case 'B' -> {
                    text(message);
                    bound = Objects.requireNonNullElse(prepared.get(text(message)), "");
                    send('2', body -> {});
                }
                case 'E' -> complete(bound);
                case 'C' -> send('3', body -> {});
                case 'S' -> ready();
                case 'X' -> throw new EOFException();
                default -> {}
            }
        }

        /** Of a migration's row in the history. */
        private static void parameters(String statement, DataOutputStream body) throws IOException {
            int[] types = statement.startsWith("INSERT")
                    ? new int[] {TEXT, INT8, TEXT, TEXT, INT8, TEXT, TEXT}
                    : new int[] {TEXT, INT8, TEXT, TEXT, INT8};
            body.writeShort(types.length);
            for (int type : types) {
                body.writeInt(type);
            }
        }

        private void describe(String statement) throws IOException {
            if (statement.startsWith("SET search_path TO \"")) {
                schema = statement.split("\"", -1)[1];
            } else if (statement.startsWith("CREATE DATABASE")) {
                databases.add(statement.split("\"", -1)[1]);
            } else if (statement.startsWith("CREATE SCHEMA")) {
                schemaExists = true;
            } else if (statement.contains("current_database()")) {
                boolean there = schemaExists || schema.equals("public");
                row(
                        new int[] {TEXT, TEXT, BOOL, INT4, TEXT},
                        List.of(database, there ? schema : "", there ? "t" : "f", "1", ""));
            } else if (statement.startsWith("SELECT pg_") || statement.startsWith("SELECT EXISTS")) {
                row(new int[] {BOOL}, List.of(statement.startsWith("SELECT pg_") ? "t" : "f"));
            } else if (statement.startsWith("SELECT current_setting")) {
                row(new int[] {INT4, INT4, INT4, INT4, BOOL}, List.of("97", "1", "1", "0", "t"));
            } else if (statement.startsWith("SELECT version")) {
                columns(TEXT, TEXT, TEXT, TIMESTAMPTZ, INT8, TEXT, TEXT);
            }
        }

        private void row(int[] types, List<String> values) throws IOException {
            columns(types);
            send('D', body -> {
                body.writeShort(values.size());
                for (String value : values) {
                    body.writeInt(value.length());
                    body.write(value.getBytes(UTF_8));
                }
            });
        }

        private void columns(int... types) throws IOException {
            send('T', body -> {
                body.writeShort(types.length);
                for (int type : types) {
                    write(body, "column");
                    body.writeInt(0);
                    body.writeShort(0);
                    body.writeInt(type);
                    body.writeShort(-1);
                    body.writeInt(-1);
                    body.writeShort(0);
                }
            });
        }

        private void complete(String statement) throws IOException {
            String command = statement.split(" ", -1)[0];
            transaction = switch (command) {
                case "BEGIN" -> 'T';
                case "COMMIT", "ROLLBACK" -> 'I';
                default -> transaction;
            };
            String rows = List.of("SELECT", "INSERT", "UPDATE").contains(command) ? " 0 1" : "";
            send('C', body -> write(body, command + rows));
        }

        private byte[] readBody() throws IOException {
            byte[] body = new byte[in.readInt() - Integer.BYTES];
            in.readFully(body);
            return body;
        }

        private interface Body {

            void writeTo(DataOutputStream body) throws IOException;
        }

        private void send(char type, Body body) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            body.writeTo(new DataOutputStream(bytes));
            out.writeByte(type);
            out.writeInt(Integer.BYTES + bytes.size());
            bytes.writeTo(out);
        }

        private static DataInputStream read(byte[] bytes) {
            return new DataInputStream(new ByteArrayInputStream(bytes));
        }

        private static String text(DataInputStream from) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (byte next = from.readByte(); next != 0; next = from.readByte()) {
                bytes.write(next);
            }
            return bytes.toString(UTF_8);
        }

        private static void write(DataOutputStream to, String text) throws IOException {
            to.write(text.getBytes(UTF_8));
            to.writeByte(0);
        }
    }
}
