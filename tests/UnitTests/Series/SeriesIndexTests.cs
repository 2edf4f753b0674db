using CsCheck;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Series;
using Lcnn.Distributed.Grains.Histories;

namespace Lcnn.Distributed.UnitTests.Series;

public sealed class SeriesIndexTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-index-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "series.lcns");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Whatever is asked for, and however it was written and read on the way, the answer is that of all blocks.
    [Fact]
    public void FillIn_AnyPartOfAFileThatGrows_IsWhatItsBlocksSay() => Gen.Select(
        Gen.Int[1, 700].Array[1, 60], Gen.Int[1, 30_000], Gen.Int[0, 30_000], Gen.Int[1, 400]).Sample((lengths, from, length, points) =>
    {
        File.Delete(Path);
        var (index, last) = (new SeriesIndex(Path), 0);
        foreach (var (i, count) in lengths.Index())
        {
            new SeriesFile(Path).Append(Block(last + 1, last + count));
            last += count;
            if (i % 7 == 0)
            {
                index.Refresh();
            }
        }

        index.Refresh();
        var query = new SeriesQuery { From = Math.Min(from, last), To = Math.Min(from, last) + length, Points = points };
        AssertSame(Whole(query, last), Read(index, query, last));
        Assert.Equal(new SeriesFile(Path).ReadEnd(), index.End);
    }, iter: 25, threads: 1);

    // More steps than 16,384 buckets of 16 hold: they have become wider.
    [Fact]
    public void FillIn_OfALongRun_HidesNoSpike()
    {
        const int Steps = 300_000;
        var index = new SeriesIndex(Path);
        for (var first = 1; first <= Steps; first += 4000)
        {
            new SeriesFile(Path).Append(Block(first, first + 3999));
        }

        index.Refresh();
        foreach (var (from, to) in new[] { (1, Steps), (12_345, 245_678), (299_990, Steps) })
        {
            var query = new SeriesQuery { From = from, To = to, Points = 1000 };
            AssertSame(Whole(query, Steps), Read(index, query, Steps));
        }
    }

    [Fact]
    public void Refresh_OfAFileThatWasCutAndWentOn_ForgetsWhatWas()
    {
        var file = new SeriesFile(Path);
        var index = new SeriesIndex(Path);
        file.Append(Block(1, 1000));
        file.Append(Block(1001, 2000));
        index.Refresh();

        file.CutAfter(1500);
        file.Append(Block(1501, 1600) with { LastSequence = 2600 });
        index.Refresh();

        var query = new SeriesQuery { Points = 2000 };
        Assert.Equal(Enumerable.Range(1, 1600).Select(step => (long)step), Read(index, query, 1600).Steps);
        AssertSame(Whole(query, 1600), Read(index, query, 1600));
        File.Delete(Path);
        index.Refresh();
        Assert.Equal(default, index.End);
        Assert.Empty(Read(index, query, 1600).Steps);
    }

    [Fact]
    public void Refresh_OfWhatWasStoredTwice_TellsItOnce()
    {
        var index = new SeriesIndex(Path);
        new SeriesFile(Path).Append(Block(1, 100));
        new SeriesFile(Path).Append(Block(51, 150));
        new SeriesFile(Path).Append(Block(1, 100));
        index.Refresh();

        Assert.Equal(Enumerable.Range(1, 150).Select(step => (long)step), Read(index, new SeriesQuery(), 150).Steps);
    }

    [Fact]
    public void Refresh_OfADamagedFile_KeepsWhatIsBefore()
    {
        new SeriesFile(Path).Append(Block(1, 100));
        var good = (int)new FileInfo(Path).Length;
        new SeriesFile(Path).Append(Block(101, 200));
        new SeriesFile(Path).Append(Block(201, 300));
        var bytes = File.ReadAllBytes(Path);
        bytes[good + 50] ^= 1;
        File.WriteAllBytes(Path, bytes);
        var index = new SeriesIndex(Path);

        Assert.Throws<DataFileException>(index.Refresh);

        Assert.Equal(100, Read(index, new SeriesQuery(), 300).Steps.Count);
    }

    [Fact]
    public void WithNotes_TellsThoseAlone()
    {
        var index = new SeriesIndex(Path);
        new SeriesFile(Path).Append(Block(1, 100));
        new SeriesFile(Path).Append(Block(101, 200) with { Notes = [new SeriesNote(150, "a note")] });
        new SeriesFile(Path).Append(Block(201, 300));
        index.Refresh();

        Assert.Equal("a note", Assert.Single(Assert.Single(index.WithNotes()).Notes).Json);
    }

    [Fact]
    public void WithNotes_OfARunAfterAnEvent_TellsThoseThatMayHaveMore()
    {
        var index = new SeriesIndex(Path);
        foreach (var (first, runId) in new[] { (1, "earlier"), (101, "run"), (201, "run"), (301, "run") })
        {
            new SeriesFile(Path).Append(Block(first, first + 99) with { RunId = runId, LastSequence = first, Notes = [new SeriesNote(first, $"{first}")] });
        }

        index.Refresh();

        Assert.Equal(["101", "201", "301"], Notes(0));
        Assert.Equal(["301"], Notes(201));
        Assert.Empty(Notes(301));
        IEnumerable<string> Notes(long after) => index.WithNotes("run", after).SelectMany(block => block.Notes).Select(note => note.Json);
    }

    private static SeriesWindow Read(SeriesIndex index, SeriesQuery query, long lastStep)
    {
        var buckets = new SeriesBuckets(query, lastStep);
        index.FillIn(buckets);
        return buckets.Window("run");
    }

    private SeriesWindow Whole(SeriesQuery query, long lastStep)
    {
        var buckets = new SeriesBuckets(query, lastStep);
        foreach (var block in SeriesFile.Read(Path))
        {
            buckets.Add(block);
        }

        return buckets.Window("run");
    }

    private static void AssertSame(SeriesWindow expected, SeriesWindow got)
    {
        Assert.Equal((expected.Width, expected.LastStep), (got.Width, got.LastStep));
        Assert.Equal(expected.Steps, got.Steps);
        Assert.Equal(expected.Times, got.Times);
        foreach (var (one, other) in expected.Columns.Zip(got.Columns))
        {
            Assert.Equal(one.Field, other.Field);
            Assert.Equal(one.Minimum, other.Minimum);
            Assert.Equal(one.Maximum, other.Maximum);
            Assert.All(one.Mean.Zip(other.Mean), pair => Assert.Equal(pair.First, pair.Second, 1e-9)); // sums are taken in another order
        }
    }

    private static SeriesBlock Block(int first, int last)
    {
        var steps = Enumerable.Range(first, last - first + 1).ToList();
        return new SeriesBlock
        {
            RunId = "run",
            LastSequence = last,
            Names = ["epoch", "loss"],
            Steps = [.. steps.Select(step => (long)step)],
            Times = [.. steps.Select(step => 10L * step)],
            Values = [[.. steps.Select(step => step % 13 == 0 ? float.NaN : step / 100f)], [.. steps.Select(step => step % 997 == 0 ? 1000f + step : (float)Math.Sin(step))]],
        };
    }
}
