using Lcnn.Distributed.Cli.Export.Html;
using Lcnn.Distributed.Cli.Reports;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Grains.Histories;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Makes the page of one run, or of several beside each other, from their folders alone.</summary>
internal sealed class RunReports(CliServices services)
{
    /// <summary>Its name in the folder of a run.</summary>
    public const string FileName = SnapshotFiles.Page;

    private const int Points = 1500; // of a chart's width, and so that a page stays small
    private const int SmallSamples = 1000;
    private const int LargeSamples = 100; // of networks that take long over each
    private const int CurvedShare = 10;
    private const int Images = 10;

    /// <summary>Whether a folder has steps to draw.</summary>
    public static bool CanDraw(string folder) => File.Exists(Path.Combine(folder, SnapshotFiles.Series));

    /// <summary>Writes the page.</summary>
    /// <param name="folders">Full paths of the runs' folders.</param>
    /// <param name="path">Full path of the page.</param>
    /// <exception cref="BadInputException">A folder holds no run, or the page cannot be written.</exception>
    public async Task WriteAsync(IReadOnlyList<string> folders, string path, CancellationToken cancellationToken)
    {
        var names = RunNames.Of(folders);
        var runs = new List<ReportedRun>();
        foreach (var (folder, name) in folders.Zip(names))
        {
            var history = Read(folder);
            runs.Add(new ReportedRun(name, folder, history, folders.Count == 1 ? await ExamineAsync(folder, history, cancellationToken) : null));
        }

        OutputFile.Save(path, file => RunHtmlReport.Write(runs, file));
    }

    private static StoredHistory Read(string folder)
    {
        try
        {
            return StoredHistoryReader.Read(folder, Points);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DataFileException)
        {
            throw new BadInputException(exception.Message, exception);
        }
    }

    private async Task<ExaminationReport?> ExamineAsync(string folder, StoredHistory history, CancellationToken cancellationToken)
    {
        if (history.Spec is not { } spec || !File.Exists(Path.Combine(folder, SnapshotFiles.Model)))
        {
            return null;
        }

        var samples = Recipes.DefaultCurvatureSamples(spec.Architecture) >= SmallSamples ? SmallSamples : LargeSamples;
        try
        {
            return await services.Inspector.ExamineAsync(new ExaminationRequest(folder, samples, samples / CurvedShare, Images), cancellationToken);
        }
        catch (Exception exception) when (exception is BadInputException or OperationFailedException or IOException)
        {
            services.Error.WriteLine($"warning: the report has no confusion matrix and no images: {exception.Message}");
            return null;
        }
    }
}
