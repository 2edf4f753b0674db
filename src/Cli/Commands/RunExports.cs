using Lcnn.Distributed.Cli.Export;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client.Recording.TensorBoard;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Grains.Histories;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Writes the series of runs for other tools, from their folders alone: every step, however long the runs were.</summary>
/// <param name="folders">Full paths of the runs' folders.</param>
internal sealed class RunExports(IReadOnlyList<string> folders)
{
    /// <summary>All of them into one file, or nothing.</summary>
    /// <exception cref="BadInputException">A folder holds no run, or the file cannot be written.</exception>
    public void WriteCsv(string path) => Reading(() => OutputFile.Save(path, file => RunCsv.Write(
        [.. RunNames.Of(folders).Zip(folders, (name, folder) => (name, (Func<IEnumerable<RunEvent>>)(() => StoredHistoryReader.Replay(folder))))], file)));

    /// <summary>Each into a folder of its name.</summary>
    /// <exception cref="BadInputException">A folder holds no run, or a file cannot be written.</exception>
    public async Task WriteTensorBoardAsync(string path, CancellationToken cancellationToken)
    {
        foreach (var (name, folder) in RunNames.Of(folders).Zip(folders))
        {
            string? problem = null;
            var log = Reading(() => new TensorBoardLog(Path.Combine(path, name), why => problem = why));
            await using (log)
            {
                Reading(() =>
                {
                    foreach (var one in StoredHistoryReader.Replay(folder).TakeWhile(_ => problem is null))
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        log.Record(one);
                    }
                });
            }

            if (problem is not null)
            {
                throw new BadInputException(problem);
            }
        }
    }

    private static void Reading(Action read) => Reading(() =>
    {
        read();
        return true;
    });

    private static T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DataFileException)
        {
            throw new BadInputException(exception.Message, exception);
        }
    }
}
