using CsCheck;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Series;
using Lcnn.Distributed.Data.Wire;

namespace Lcnn.Distributed.UnitTests.Series;

public sealed class SeriesFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-series-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "series.lcns");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_WhatWasAppended_IsTheSame()
    {
        var (one, two) = (Block(1, 5), Block(6, 1500, "a note", "another"));
        var file = new SeriesFile(Path);

        file.Append(one);
        file.Append(two);

        AssertAre([one, two], SeriesFile.Read(Path));
        Assert.Equal(new SeriesEnd("run", 1500, 1500), file.ReadEnd());
    }

    [Fact]
    public void Read_AnyBlock_IsTheSame() => Gen.Select(
        Gen.Int[1, 40], Gen.Float.Array[120], Gen.String.AlphaNumeric.Array[0, 3], (count, values, notes) => Block(1, count, notes) with
        {
            Values = [values[..count], values[count..(2 * count)], values[(2 * count)..(3 * count)]],
        }).Sample(block =>
    {
        File.Delete(Path);
        new SeriesFile(Path).Append(block);
        AssertAre([block], SeriesFile.Read(Path));
    }, iter: 200, threads: 1);

    // A process may be killed at any byte of a write.
    [Fact]
    public void Append_BehindAHalfWrittenBlock_GoesOnBeforeIt()
    {
        var (one, lost, next) = (Block(1, 3), Block(4, 6, "lost"), Block(4, 7));
        new SeriesFile(Path).Append(one);
        var whole = File.ReadAllBytes(Path).Length;
        new SeriesFile(Path).Append(lost);
        var bytes = File.ReadAllBytes(Path);

        for (var length = whole; length < bytes.Length; length++)
        {
            File.WriteAllBytes(Path, bytes[..length]);
            AssertAre([one], SeriesFile.Read(Path));
            new SeriesFile(Path).Append(next);
            AssertAre([one, next], SeriesFile.Read(Path));
        }

        File.WriteAllBytes(Path, [.. bytes[..whole], .. new byte[bytes.Length - whole]]); // what a lost power leaves
        new SeriesFile(Path).Append(next);
        AssertAre([one, next], SeriesFile.Read(Path));
    }

    [Fact]
    public void Append_BeginOfFileHalfWritten_BeginsAnew()
    {
        File.WriteAllBytes(Path, [.. "LCN"u8]);

        new SeriesFile(Path).Append(Block(1, 2));

        AssertAre([Block(1, 2)], SeriesFile.Read(Path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(100)]
    public void CutAfter_AStep_LeavesWhatCameBefore(long step)
    {
        var file = new SeriesFile(Path);
        file.Append(Block(1, 4, "early"));
        file.Append(Block(5, 8, "late"));

        file.CutAfter(step);

        var blocks = SeriesFile.Read(Path).ToList();
        Assert.Equal(Enumerable.Range(1, (int)Math.Min(step, 8)).Select(number => (long)number), blocks.SelectMany(block => block.Steps));
        Assert.Equal(step >= 8 ? ["early", "late"] : step >= 4 ? ["early"] : (string[])[], blocks.SelectMany(block => block.Notes).Select(note => note.Json));
        Assert.All(blocks, block => Assert.All(block.Values, values => Assert.Equal(block.Steps.Count, values.Length)));
        Assert.Equal([Path], Directory.GetFiles(_folder));
    }

    // Two coordinators may follow one log for a moment; the same events come twice then.
    [Fact]
    public void Read_BlocksThatOverlap_TellsEachStepOnce()
    {
        var file = new SeriesFile(Path);
        foreach (var block in new[] { Block(1, 4), Block(1, 3), Block(3, 7), Block(1, 7) })
        {
            file.Append(block);
        }

        Assert.Equal([1, 2, 3, 4, 5, 6, 7], SeriesFile.Read(Path).SelectMany(block => block.Steps));
    }

    [Fact]
    public void Read_DamagedInTheMiddle_SaysWhere()
    {
        var file = new SeriesFile(Path);
        file.Append(Block(1, 4));
        file.Append(Block(5, 8));
        var bytes = File.ReadAllBytes(Path);
        bytes[60] ^= 1;
        File.WriteAllBytes(Path, bytes);

        var damage = Assert.Throws<DataFileException>(() => SeriesFile.Read(Path).ToList());

        Assert.Contains("at byte 8 a block with SHA-256", damage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnotherFile_IsRefusedAndLeftAsItIs()
    {
        File.WriteAllText(Path, "step,loss\n1,2.3\n");

        Assert.Throws<DataFileException>(() => SeriesFile.Read(Path).ToList());
        Assert.Throws<DataFileException>(() => new SeriesFile(Path).Append(Block(1, 2)));
        Assert.Equal("step,loss\n1,2.3\n", File.ReadAllText(Path));
    }

    // With a hash of its own, so that what is inside is looked at.
    [Fact]
    public void Decode_AnyBytes_IsAnErrorOrABlock()
    {
        var good = SeriesCoding.Encode(Block(1, 50, "note"));
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((place, value, length) =>
        {
            var bytes = good[..length];
            if (place < length)
            {
                bytes[place] = value;
            }

            try
            {
                var block = SeriesCoding.Decode(bytes);
                return block.Values.All(values => values.Length == block.Steps.Count);
            }
            catch (WireFormatException)
            {
                return true;
            }
        }, iter: 2000, threads: 1);
    }

    // A run of a million steps is to stay a file that one copies without thinking.
    [Fact]
    public void Append_StepsAsTheyAre_TakesLessThanTheirNumbers()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 1024).Select(step => (float)(2.3 / Math.Sqrt(step + 1) * (1 + (0.1 * random.NextDouble())))).ToArray();
        var constant = Enumerable.Repeat(0.1f, 1024).ToArray();

        new SeriesFile(Path).Append(Block(1, 1024) with { Values = [values, constant, constant] });

        Assert.InRange(new FileInfo(Path).Length, 1, 1024 * sizeof(float) * 3 / 2);
    }

    private static SeriesBlock Block(int first, int last, params string[] notes)
    {
        var steps = Enumerable.Range(first, last - first + 1).ToList();
        return new SeriesBlock
        {
            RunId = "run",
            LastSequence = last,
            Names = ["loss", "rate", "none"],
            Steps = steps.ConvertAll(step => (long)step),
            Times = steps.ConvertAll(step => 1_700_000_000_000L + (step * 73L)),
            Values = [[.. steps.Select(step => 1f / step)], [.. steps.Select(_ => 0.1f)], [.. steps.Select(_ => float.NaN)]],
            Notes = [.. notes.Select(note => new SeriesNote(last, note))],
        };
    }

    private static void AssertAre(IReadOnlyList<SeriesBlock> expected, IEnumerable<SeriesBlock> got) => Assert.Equal(expected.Select(Text), got.Select(Text));

    private static string Text(SeriesBlock block) => $"{block.RunId} {block.LastSequence} {string.Join(',', block.Names)} {string.Join(',', block.Steps)} {string.Join(',', block.Times)} "
        + $"{string.Join(';', block.Values.Select(values => string.Join(',', values.Select(BitConverter.SingleToInt32Bits))))} {string.Join('|', block.Notes)}";
}
