package dev.plinth.runtime.http;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads addresses as callers and proxies write them; never asks a name server. */
final class Addresses {

    private static final int IPV4_IN_IPV6 = 12;

    private Addresses() {}

    /** 4 or 16 of them; an IPv4 address within IPv6 is taken as IPv4. Empty when it is no address. */
    static Optional<List<Byte>> bytes(String text) {
        byte[] raw = NetUtil.createByteArrayFromIpAddressString(text);
        if (raw == null) {
            return Optional.empty();
        }
        List<Byte> bytes = new ArrayList<>();
        for (byte b : raw) {
            bytes.add(b);
        }
        return Optional.of(isIpv4(raw) ? bytes.subList(IPV4_IN_IPV6, raw.length) : bytes);
    }

    private static boolean isIpv4(byte[] raw) {
        if (raw.length != 16 || raw[10] != -1 || raw[11] != -1) {
            return false;
        }
        for (int i = 0; i < 10; i++) {
            if (raw[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Without port, brackets and quotes; empty when nothing that is an address remains. */
    static String bare(String forwarded) {
        String text = forwarded.strip().replace("\"", "");
        if (text.startsWith("[")) {
            text = text.substring(1, Math.max(1, text.indexOf(']')));
        } else if (text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') > 0) {
            text = text.substring(0, text.indexOf(':'));
        }
        return NetUtil.createByteArrayFromIpAddressString(text) == null ? "" : text;
    }
}
