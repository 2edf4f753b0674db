using System.Text.Json;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Prints a report: a table for people, a line of JSON for programs.</summary>
internal sealed class ReportWriter(CliServices services, bool isJson)
{
    public bool IsJson => isJson;

    /// <summary>Whether a table was asked for, or its lines of JSON: then whoever does not get it got nothing.</summary>
    public bool HasShown { get; private set; }

    public void Write(Report report, Func<IRenderable> table) => Write([report], table);

    /// <summary>A report that is one line to people too.</summary>
    public void WriteLine(Report report, string text)
    {
        services.Out.WriteLine(isJson ? Serialize(report) : text);
        services.Out.Flush();
    }

    public void Write(IReadOnlyList<Report> reports, Func<IRenderable> table)
    {
        HasShown = true;
        if (!isJson)
        {
            services.Console.Write(table());
            return;
        }

        foreach (var report in reports)
        {
            services.Out.WriteLine(Serialize(report));
        }
    }

    /// <summary>A table of names and values.</summary>
    public static Table Pairs(params IEnumerable<(string Name, string Value)> pairs)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("name", "value");
        foreach (var (name, value) in pairs)
        {
            table.AddRow(new Text(name), new Text(value));
        }

        return table;
    }

    private static string Serialize(Report report) => JsonSerializer.Serialize(report, report.GetType(), RunEventJson.Options);
}
