using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Packed;
using Lcnn.Distributed.Data.Summaries;
using Lcnn.Distributed.Grains.Workers;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Works on data sets of this machine.</summary>
internal sealed class DataTools : IDataTools
{
    public Task<PackReport> PackAsync(RunSpec source, string target, IProgress<int> decoded, CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        var data = await new DataSetPacker(new DataSetLoader()).PackAsync(DataSetRequests.Of(source), target, decoded, cancellationToken);
        return new PackReport(target, new FileInfo(target).Length, data.Train.Count, data.Test.Count, data.Sha256, data.LeftOut);
    });

    public Task<DataReport> DescribeAsync(RunSpec source, bool verify, CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        var isPacked = PackedCheck.IsPacked(source.Dataset);
        if (verify && !isPacked)
        {
            throw new BadInputException($"{source.Dataset} is no packed set (.lcds), which alone carries digests to compare with; leave out --verify");
        }

        var data = await LoadAsync(source, cancellationToken);
        long? verified = verify ? await Task.Run(() => PackedCheck.Verify(source.Dataset, cancellationToken), cancellationToken) : null;
        var summary = await Task.Run(() => SetSummary.Of(data, cancellationToken), cancellationToken);
        return new DataReport
        {
            Dataset = source.Dataset,
            Shape = [data.Train.Channels, data.Train.Height, data.Train.Width],
            TrainSamples = data.Train.Count,
            TestSamples = data.Test.Count,
            Classes = [.. summary.TrainByClass.Select((count, label) => new ClassCount(NameOf(data, label), count, summary.TestByClass[label]))],
            Mean = summary.Means,
            Std = summary.Deviations,
            Normalize = data.PackedWith?.Normalization?.ToString(),
            Bytes = isPacked ? new FileInfo(source.Dataset).Length : null,
            DataSha256 = data.Sha256,
            VerifiedBlocks = verified,
            LeftOut = data.LeftOut,
        };
    });

    public Task<SheetReport> DrawAsync(RunSpec source, string target, int perClass, CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        var data = await LoadAsync(source, cancellationToken);
        var sheet = await Task.Run(() => ContactSheet.Draw(data, perClass), cancellationToken);
        await WriteAsync(target, sheet, cancellationToken);
        return new SheetReport(target, Math.Min(data.Train.Classes, ContactSheet.LargestRows), perClass);
    });

    private static Task<DataSet> LoadAsync(RunSpec source, CancellationToken cancellationToken) =>
        new DataSetLoader().LoadAsync(DataSetRequests.Of(source), null, cancellationToken);

    private static string NameOf(DataSet data, int label) => label < data.Train.ClassNames.Count ? data.Train.ClassNames[label] : label.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static async Task WriteAsync(string target, byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllBytesAsync(target, bytes, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{target} cannot be written: {exception.Message}; choose another --out");
        }
    }

    private static async Task<T> GuardedAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is DataFileException or ArgumentException)
        {
            throw new BadInputException(exception.Message);
        }
    }
}
