namespace Lcnn.Distributed.UnitTests.Data;

/// <summary>Damages files at random.</summary>
internal static class Mutation
{
    /// <summary>The bytes with one to four changes: a bit, a byte more or fewer, 0xFF, or an early end.</summary>
    public static byte[] Of(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var change = random.Next(4); change >= 0 && bytes.Count > 0; change--)
        {
            // Half of the changes hit the first bytes, where the headers are.
            var position = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Count, 600) : bytes.Count);
            switch (random.Next(8))
            {
                case 0:
                    bytes.RemoveRange(position, bytes.Count - position);
                    break;
                case 1:
                    bytes.Insert(position, (byte)random.Next(256));
                    break;
                case 2:
                    bytes.RemoveAt(position);
                    break;
                case 3:
                    bytes[position] = 0xFF;
                    break;
                default:
                    bytes[position] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return [.. bytes];
    }
}
