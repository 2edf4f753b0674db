using System.Text.RegularExpressions;
using Lcnn.Distributed.EndToEndTests.Clusters;
using Lcnn.Distributed.EndToEndTests.Data;
using Lcnn.Distributed.UnitTests.Documents;
using Lcnn.Distributed.UnitTests.Kubernetes;
using SkiaSharp;

namespace Lcnn.Distributed.EndToEndTests.Documents;

/// <summary>Where the lines of one page are typed: a folder with what the page speaks of, and a cluster where it speaks of one.</summary>
internal sealed partial class Desk : IAsyncDisposable
{
    private const string Password = "PASSWORD";
    private static readonly string[] _folders = ["runs/fashion", "runs/first", "runs/second", "runs/other", "runs/mine", "runs/photos"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _page;
    private RedisServer? _redis;
    private SiloProcess? _silo;

    private Desk(string page) => _page = page;

    /// <summary>Makes what the page speaks of and does not tell how to make.</summary>
    public static async Task<Desk> SetAsync(string page)
    {
        var desk = new Desk(page);
        try
        {
            await desk.SetAsync();
            return desk;
        }
        catch
        {
            await desk.DisposeAsync();
            throw;
        }
    }

    /// <summary>Types a line; it must end well.</summary>
    public async Task TypeAsync(string line)
    {
        var typed = SmallSizes.Of(Here(line));
        if (SiloLine().Match(typed) is { Success: true } silo)
        {
            await using var started = await SiloProcess.StartAsync(_redis!.Address, _folder.Path, ["--name", "typed", .. silo.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
            started.Terminate();
            Assert.True(await started.WaitForExitAsync() == 0, $"{line}\n{started.Process}");
            return;
        }

        await using var shell = LcnnProcess.StartLine(["bash", "-o", "pipefail", "-c", typed], _folder.Path, [("LCNN_CLUSTER", OnCluster().IsMatch(line) ? _redis!.Address : ""), .. Environment]);
        Assert.True(await shell.WaitForExitAsync() == 0, $"{line}\nwas typed as\n{typed}\n{shell}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _folder.Dispose();
    }

    private (string, string)[] Environment => [("PATH", $"{_folder.Path}:{System.Environment.GetEnvironmentVariable("PATH")}"), ("LCNN_PROGRAM", LcnnProgram.Path)];

    private string Here(string line)
    {
        var here = line.Replace("/shared", _folder["shared"], StringComparison.Ordinal).Replace(" DIR", " swept", StringComparison.Ordinal);
        here = Snapshot().Replace(here, match => Path.Combine(match.Groups[1].Value, Path.GetFileName(Directory.GetDirectories(_folder[match.Groups[1].Value], "step-*").Order(StringComparer.Ordinal).First())));
        return _redis is null ? here : RedisAddress().Replace(here, _redis.Address).Replace("localhost:8080", $"localhost:{_silo!.Ready.Number("httpPort")}", StringComparison.Ordinal)
            .Replace("--http-port 8080", "--http-port 0", StringComparison.Ordinal);
    }

    private async Task SetAsync()
    {
        await File.WriteAllTextAsync(_folder["lcnn"], "#!/bin/sh\nexec dotnet \"$LCNN_PROGRAM\" \"$@\"\n");
        Directory.CreateDirectory(_folder["shared"]);
        await File.WriteAllTextAsync(_folder["tokens"], $"view {new string('v', 32)}\noperate {new string('o', 32)}\n");
        await TypeAsync("chmod u+x lcnn && chmod 600 tokens");
        SetImages();
        await SetSweepAsync();
        await SetModelsAsync();
        if (OnCluster().IsMatch(_page) || _page.Contains("localhost:8080", StringComparison.Ordinal))
        {
            _redis = await RedisServer.StartAsync(Password);
            _silo = await SiloProcess.StartAsync(_redis.Address, _folder.Path, "--slots", "2", "--http-port", "0");
            await TypeAsync($"lcnn train --dataset fashion-mnist --out {_folder["shared"]}/run --run-id RUN --cluster redis://host");
            await TypeAsync("lcnn sweep start sweep.yaml --cluster redis://host --sweep-id SWEEP --watch");
        }
    }

    private void SetImages()
    {
        for (var i = 0; i < 80; i++)
        {
            DrawnImages.Write(Path.Combine(_folder["photos"], i < 56 ? "train" : "test", i % 2 == 0 ? "across" : "down", $"{i:000}.png"), DrawnImages.Draw(i, i % 2, SKEncodedImageFormat.Png));
        }

        DrawnImages.Write(_folder["holiday.jpg"], DrawnImages.Draw(80, 0, SKEncodedImageFormat.Jpeg));
        foreach (var (name, golden) in new[] { ("resnet18.pt", "torchvision_basic.pt"), ("resnet50.pth", "torchvision_bottleneck.pt") })
        {
            File.Copy(Repository.PathOf($"tests/golden/exchange/{golden}"), _folder[name]);
        }
    }

    // The page's own sweep, if it has one, with three trials of two epochs.
    private async Task SetSweepAsync()
    {
        var yaml = SweepBlock().Match(_page) is { Success: true } block ? block.Groups[1].Value : SweepBlock().Match(await File.ReadAllTextAsync(Repository.PathOf("README.md"))).Groups[1].Value;
        await File.WriteAllTextAsync(_folder["sweep.yaml"], Epochs().Replace(MaxTrials().Replace(yaml, "maxTrials: 3"), "epochs: 2, trainLimit: 64, testLimit: 24, curvatureSamples: 0"));
    }

    private async Task SetModelsAsync()
    {
        var typed = string.Join('\n', ShellLines.Of(_page));
        foreach (var folder in _folders.Where(folder => typed.Contains(folder, StringComparison.Ordinal) && !Regex.IsMatch(typed, $@"train [^\n]*--out {folder}\b")))
        {
            await TypeAsync($"lcnn train --dataset {(folder == "runs/photos" ? "photos --image-size 32x32" : "fashion-mnist")} --out {folder}");
        }

        if (typed.Contains("resnet18lcnn_199.pt", StringComparison.Ordinal))
        {
            await TypeAsync("lcnn train --arch resnet18-lcnn --out authors && lcnn export authors --out resnet18lcnn_199.pt"); // with the authors' keys
        }

        if (typed.Contains("kept.safetensors", StringComparison.Ordinal))
        {
            await TypeAsync("lcnn train --out kept && cp kept/model.safetensors kept.safetensors");
        }
    }

    // A cluster is meant by what is only there.
    [GeneratedRegex(@"\b(RUN|SWEEP)\b|/shared|lcnn (runs|silos|silo)\b|--detach|--run-id")]
    private static partial Regex OnCluster();

    [GeneratedRegex(@"lcnn silo\b(.*)$")]
    private static partial Regex SiloLine();

    [GeneratedRegex(@"rediss?://[^\s""]+")]
    private static partial Regex RedisAddress();

    [GeneratedRegex(@"(\S+)/step-\d+\.g\d+\.[0-9a-f]+")]
    private static partial Regex Snapshot();

    [GeneratedRegex(@"^```yaml\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex SweepBlock();

    [GeneratedRegex(@"maxTrials: \d+")]
    private static partial Regex MaxTrials();

    [GeneratedRegex(@"epochs: \d+")]
    private static partial Regex Epochs();
}
