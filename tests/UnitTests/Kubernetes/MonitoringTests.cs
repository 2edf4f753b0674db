using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lcnn.Distributed.UnitTests.Kubernetes;

/// <summary>Alert rules and the Grafana board: Prometheus takes them, they ask for what silos serve, and each alert is explained.</summary>
public sealed partial class MonitoringTests
{
    private const string Datasource = "${datasource}";
    private static readonly string[] _ofHistograms = ["_bucket", "_count", "_sum"];

    private static string Operations { get; } = File.ReadAllText(Repository.PathOf("docs", "operations.md"));

    private static JsonNode Rules { get; } = YamlJson.Parse(File.ReadAllText(Repository.PathOf("k8s", "monitoring", "alerts.yaml")))["spec"]!;

    private static IReadOnlyList<JsonNode> Alerts { get; } = [.. Rules["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!)];

    private static JsonNode Board { get; } = JsonNode.Parse(File.ReadAllText(Repository.PathOf("k8s", "monitoring", "dashboard.json")))!;

    private static IReadOnlyList<JsonNode> Panels { get; } = [.. Board["panels"]!.AsArray().Where(panel => panel!["type"]!.GetValue<string>() != "row").Select(panel => panel!)];

    private static IReadOnlyList<string> Questions { get; } = [.. Panels.SelectMany(panel => panel["targets"]!.AsArray()).Select(target => target!["expr"]!.GetValue<string>())];

    // The table of docs/operations.md.
    private static IReadOnlyList<string> Metrics { get; } = [.. MetricInTable().Matches(Operations).Select(match => match.Groups[1].Value).Distinct()];

    [Fact]
    public async Task Rules_ByPromtool_AreGood()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, Rules.ToJsonString(), TestContext.Current.CancellationToken); // JSON is YAML

            var (code, output, error) = await ExternalTool.Promtool.TryAsync("check", "rules", "--lint=all", "--lint-fatal", file);

            Assert.True(code == 0, output + error);
            Assert.Contains($"SUCCESS: {Alerts.Count} rules found", output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Alerts_AreExplained()
    {
        var explained = Heading().Matches(Operations).Select(match => match.Groups[1].Value);

        Assert.Equal(explained, Alerts.Select(alert => alert["alert"]!.GetValue<string>()));
        Assert.All(Alerts, alert =>
        {
            Assert.Contains(alert["labels"]!["severity"]!.GetValue<string>(), new[] { "critical", "warning", "info" });
            Assert.Equal($"docs/operations.md#{alert["alert"]!.GetValue<string>().ToLowerInvariant()}", alert["annotations"]!["runbook"]!.GetValue<string>());
            Assert.NotEmpty(alert["annotations"]!["summary"]!.GetValue<string>());
        });
    }

    /// <summary>What the code counts, by the names that Prometheus gives it.</summary>
    [Fact]
    public void Metrics_InTheTable_AreThoseOfTheCode()
    {
        var sources = Directory.GetFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText);
        var instruments = sources.SelectMany(text => Instrument().Matches(text)).Select(match => match.Groups[2].Value.Replace('.', '_') + match.Groups[1].Value switch
        {
            "Counter" => "_total",
            "Histogram" => "_seconds",
            _ => "",
        });

        Assert.Equal(instruments.Order(StringComparer.Ordinal), Metrics.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Questions_OfAlertsAndBoard_AreForMetricsThatThereAre()
    {
        var asked = Questions.Concat(Alerts.Select(alert => alert["expr"]!.GetValue<string>())).SelectMany(text => MetricName().Matches(text)).Select(match => match.Value).Distinct().ToList();

        Assert.True(asked.Count > 15 && Metrics.Count > 15, $"{asked.Count} of {Metrics.Count}");
        Assert.DoesNotContain(asked, name => !Metrics.Contains(name) && !_ofHistograms.Any(end => name.EndsWith($"_seconds{end}", StringComparison.Ordinal) && Metrics.Contains(name[..^end.Length])));
        Assert.DoesNotContain(Metrics, name => !asked.Exists(one => one.StartsWith(name, StringComparison.Ordinal))); // what is counted, the board shows
    }

    [Fact]
    public void Board_AsksTheDataSourceThatIsChosen()
    {
        var variable = Assert.Single(Board["templating"]!["list"]!.AsArray())!;
        Assert.Equal(("datasource", "datasource", "prometheus"), (variable["name"]!.GetValue<string>(), variable["type"]!.GetValue<string>(), variable["query"]!.GetValue<string>()));
        Assert.All(Panels.Concat(Panels.SelectMany(panel => panel["targets"]!.AsArray()).Select(target => target!)), part => Assert.Equal(Datasource, part["datasource"]!["uid"]!.GetValue<string>()));
        Assert.Equal(Panels.Count, Panels.Select(panel => (panel["gridPos"]!["x"]!.GetValue<int>(), panel["gridPos"]!["y"]!.GetValue<int>())).Distinct().Count());
    }

    /// <summary>Whatever the board asks, Prometheus can answer.</summary>
    [Fact]
    public async Task Questions_OfTheBoard_AreWellFormed()
    {
        var file = Path.GetTempFileName();
        try
        {
            var rules = Questions.Select((question, i) => new JsonObject { ["record"] = $"board:{i}", ["expr"] = question.Replace("$__rate_interval", "5m", StringComparison.Ordinal) });
            var group = new JsonObject { ["groups"] = new JsonArray(new JsonObject { ["name"] = "board", ["rules"] = new JsonArray([.. rules]) }) };
            await File.WriteAllTextAsync(file, group.ToJsonString(), TestContext.Current.CancellationToken);

            var (code, output, error) = await ExternalTool.Promtool.TryAsync("check", "rules", file);

            Assert.True(code == 0, output + error);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex("Create(?:Observable)?(Counter|Histogram|Gauge)(?:<\\w+>)?\\(\\s*\"(lcnn\\.[a-z.]+)\"")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"\blcnn_[a-z_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"(?<=^\| [^|]*)`(lcnn_[a-z_]+)`", RegexOptions.Multiline)]
    private static partial Regex MetricInTable();

    [GeneratedRegex(@"^### (Lcnn\w+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
