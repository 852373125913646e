package dev.plinth.example.catalog;

import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.ParserException;
import org.snakeyaml.engine.v2.parser.Parser;

/** Refuses documents nested so deeply that reading them, which is recursive, would overflow the stack. */
final class DepthLimitedParser implements Parser {

    private final Parser parser;
    private final int limit;
    private int depth;

    DepthLimitedParser(Parser parser, int limit) {
        this.parser = parser;
        this.limit = limit;
    }

    @Override
    public boolean checkEvent(Event.ID choice) {
        return parser.checkEvent(choice);
    }

    @Override
    public Event peekEvent() {
        return parser.peekEvent();
    }

    @Override
    public boolean hasNext() {
        return parser.hasNext();
    }

    @Override
    public Event next() {
        Event event = parser.next();
        depth += switch (event.getEventId()) {
            case MappingStart, SequenceStart -> 1;
            case MappingEnd, SequenceEnd -> -1;
            default -> 0;
        };
        if (depth > limit) {
            throw new ParserException("nested more than " + limit + " levels deep", event.getStartMark());
        }
        return event;
    }
}
