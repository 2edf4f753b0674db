using Lcnn.Distributed.Cli.Export;
using Lcnn.Distributed.Cli.Export.Html;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Silo.Storage;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Makes the page of a sweep; of one that runs or ran in a process of its own from its folder alone.</summary>
internal static class SweepReports
{
    /// <summary>The sweep that a folder keeps; null where it keeps none.</summary>
    /// <exception cref="BadInputException">It cannot be read, or was on silos, which alone know it.</exception>
    public static SweepExport? Find(string folder)
    {
        try
        {
            return SweepRecords.Read(folder) is { } stored ? new SweepExport { Spec = stored.Spec, Trials = stored.Trials, Status = stored.Status }
                : SweepRecords.IdOf(folder) is not { } id ? null
                : throw new BadInputException(
                    $"the folder '{folder}' is of sweep {id}, which ran on silos: expected a folder of runs, or of a sweep that ran in a process of its own. "
                    + $"Each trial in it is a run; 'lcnn sweep export {id} --format html' asks the silos");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StoredStateException)
        {
            throw new BadInputException($"the sweep in '{folder}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Writes the page.</summary>
    /// <param name="path">Full path of the page.</param>
    /// <exception cref="BadInputException">It cannot be written.</exception>
    public static void Write(SweepExport export, string path) => OutputFile.Save(path, file => SweepHtmlReport.Write(export, file));
}
