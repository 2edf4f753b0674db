using System.CommandLine;
using Lcnn.Distributed.Cli.Export;
using Lcnn.Distributed.Cli.Export.Html;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands.Sweeps;

/// <summary><c>lcnn sweep export</c>: a sweep as CSV, JSON or an HTML report, finished or as far as it has come.</summary>
internal static class SweepExportCommand
{
    private static readonly Dictionary<string, Action<SweepExport, TextWriter>> _formats = new()
    {
        ["csv"] = SweepCsv.Write,
        ["json"] = (export, output) => output.WriteLine(SweepJson.Serialize(export)),
        ["html"] = SweepHtmlReport.Write,
    };

    public static Command Create(CliServices services)
    {
        var format = CommonOptions.Value("--format", "name", "csv (a row a trial), json (the sweepCompleted event) or html (a report with charts). Default: by the name of --out, else csv");
        var output = CommonOptions.Value("--out", "file", "File to write, replaced if it exists. Default: standard output");
        return SweepReadCommand.Create(
            "export", "Write the trials of a sweep as CSV, JSON or a self-contained HTML report.", services, [format, output],
            async (reader, writer, read, cancellationToken) =>
            {
                var path = OutputFile.Read(reader, output, services);
                var name = ReadFormat(reader, format, path, writer.IsJson);
                reader.ThrowIfProblems();
                return await read(async sweep =>
                {
                    var export = await SweepExport.ReadAsync(sweep, cancellationToken);
                    if (path is null)
                    {
                        _formats[name](export, services.Out);
                        await services.Out.FlushAsync(cancellationToken);
                        return ExitCode.OfShown(services.Output);
                    }

                    OutputFile.Save(path, file => _formats[name](export, file));
                    writer.WriteLine(new SweepExported(sweep.Id, name, path, export.Trials.Count), path);
                    return ExitCode.Done;
                });
            });
    }

    private static string ReadFormat(ArgumentReader reader, Option<string> format, string? path, bool isJson)
    {
        var ending = Path.GetExtension(path)?.TrimStart('.').ToLowerInvariant() ?? "";
        var name = reader.Text(format) ?? (_formats.ContainsKey(ending) ? ending : path is null && isJson ? "json" : "csv");
        if (!_formats.ContainsKey(name))
        {
            reader.Add(format, $"expected one of {string.Join(", ", _formats.Keys)}, got '{name}'");
        }
        else if (path is null && isJson && name != "json")
        {
            reader.Add(format, $"--json leaves no room for {name} on standard output: name a file with --out");
        }

        return name;
    }
}

/// <summary>What was written where.</summary>
internal sealed record SweepExported(string SweepId, string Format, string Path, int Trials) : Report
{
    protected override string Kind => "exported";
}
