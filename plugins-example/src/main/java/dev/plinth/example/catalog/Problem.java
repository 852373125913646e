package dev.plinth.example.catalog;

/**
 * Why a document is not in the catalog.
 *
 * @param position of the document in its file, from 0
 * @param line of the file, from 1
 */
record Problem(int position, int line, String reason) {

    Problem {
        // A reader's message may quote it, and PostgreSQL stores no such text.
        reason = reason.replace('\0', '\uFFFD');
    }
}
