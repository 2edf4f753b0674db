namespace Lcnn.Distributed.UnitTests.BadInput;

/// <summary>Texts that parsers stumble over.</summary>
internal static class NastyTexts
{
    public static IReadOnlyList<string> All { get; } =
    [
        "", " ", "\t", "\n", "\r\n", "\0", "a\0b", "5\0", "\ufeff", "\ufeff5", "\ud800", "\udc00x", "\u202e5", "\u00a05", "e\u0301",
        "\uff13", "\u0663", "\u09e9", "\ud835\udfdb", "\u00b2", "\u2167", "\u22125", "\uff13m", "\uff16\uff13\uff17\uff19", // digits of others
        "-1", "+1", "--1", "0x", "0x10", "0xg", "0o", "0o8", "0b1", "1_000", "1,5", "1.5.5", ".", "-", "e", "1e", "1e+", "1e400", "-1e400", "1e-400", "1e99999999999",
        "NaN", "nan", "Infinity", "-Infinity", "\u221e", ".inf", "99999999999999999999", "-99999999999999999999", "9223372036854775808", "2147483648",
        "9007199254740993", "4503599627370497.5", "0.99999999999999999999", "999999999999999999999999999999d", "1d1d", "0s", "-5m", "00:00:05",
        "..", "../..", "../../etc/passwd", "/", "//", "~", "~/", "~root", ".", "con", "a/b", "a\\b", "step-1.g1.0000000\uff10", "step-99999999999999999999.g1.00000000",
        "@", "@/", "@nowhere", "@@", "=", ":", "::", "[::1", "[]", "[", "]", "{", "}", "{}", "[1,2", "null", "~~", "true", "yes", "'", "\"", "`", "%", "%00", "%s%n", "%zz", "${HOME}", "\\u0000", "&a", "*a",
        "!t", "|", ">", "#", "- -", "? a", "---", "...", "<<: a", "redis://", "redis://:", "redis://a:\uff16", "redis://a:6379\0", "redis://a/1\0", "redis://@/", "redis://a:b:c", "rediss://%zz@h", "redis://h/99999999999",
        "lcnn://", "lcnn://,", "lcnn://a:0", "lcnn://a:65536", "lcnn://a?b", "lcnn://a\0b", "http://x", "localhost:\u0663", "cuda:", "cuda:\u0663", "cuda:99999999999", "cuda:0,", "hang 1 \u0663", "hold 1 2 3",
        "{\"a\":1,\"a\":2}", "{\"schemaVersion\":1e400}", "{\"epochs\":\"\\ud800\"}", "{\"__metadata__\":{\"a\":\"\\ud800\"}}",
        new('9', 5_000), new('a', 5_000), new('[', 5_000), string.Concat(Enumerable.Repeat("{\"a\":", 5_000)), string.Concat(Enumerable.Repeat("a: ", 500)), string.Concat(Enumerable.Repeat("- ", 5_000)),
        new('%', 5_000), new(':', 5_000), new(' ', 5_000), $"0.{new string('0', 5_000)}1", $"1e{new string('9', 5_000)}",
    ];
}
