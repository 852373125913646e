package dev.plinth.runtime.http.admin;

/** Why something that an operator asked for was not done. Its message is shown to the operator. */
public final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What the operator can do about it. */
    public enum Kind {
        /** What was named does not exist. */
        UNKNOWN(404),
        /** It cannot be done as things are, or was tried and failed. */
        CONFLICT(409),
        /** What was asked for makes no sense. */
        INVALID(400);

        private final int status;

        Kind(int status) {
            this.status = status;
        }
    }

    private final Kind kind;

    public Refusal(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    int status() {
        return kind.status;
    }
}
