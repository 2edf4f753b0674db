using System.Text;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

/// <summary>Damage of every kind: bits, bytes, cuts, repetitions and pieces of JSON in the wrong place.</summary>
internal static class Mutation
{
    private static readonly string[] _fragments =
    [
        "{", "}", "[", "]", ",", ":", "\"", "0", "-1", "1e9", "9223372036854775807", "18446744073709551616", "null", "true", "\"F32\"",
        "\"shape\"", "\"dtype\"", "\"data_offsets\"", "\"__metadata__\"", "\\ud800", "\\u0000", "\0", "\u00e9", "//", " ", "[[[[", "{\"a\":",
        "\"run\"", "\"files\"", "\"bytes\"", "\"step\"", "-9223372036854775808", "1e999", "[1,", "\uFFFF",
    ];

    public static byte[] Of(byte[] original, Random random)
    {
        if (random.Next(50) == 0)
        {
            var noise = new byte[random.Next(64)];
            random.NextBytes(noise);
            return noise;
        }

        var bytes = original.ToList();
        for (var edits = random.Next(1, 4); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 6), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(_fragments[random.Next(_fragments.Length)]));
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 40), bytes.Count - at)));
                    break;
                default:
                    bytes[at] = (byte)"0123456789"[random.Next(10)];
                    break;
            }
        }

        return [.. bytes];
    }
}
