package dev.plinth.runtime.http;

/** Is told of every request. */
public interface RequestObserver {

    /** The answer is sent, or its connection gone. On any thread, often an event loop: must be quick, and must not fail. */
    void answered(AnsweredRequest request);
}
