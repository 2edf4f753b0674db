using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Model.Diagnostics;
using Lcnn.Distributed.Model.Native;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>What <c>lcnn doctor</c> looks at.</summary>
internal sealed class MachineDiagnostics : IDiagnostics
{
    private const long BytesPerGigabyte = 1L << 30;

    public Task<DiagnosticReport> InspectAsync(CancellationToken cancellationToken) => Task.Run(() => new DiagnosticReport([.. Inspect()]), cancellationToken);

    private static List<Finding> Inspect()
    {
        var findings = new List<Finding>();
        try
        {
            findings.AddRange(Describe(SystemReport.Collect()));
        }
        catch (NativeLibraryException exception)
        {
            findings.Add(new Finding("operating system", System.Runtime.InteropServices.RuntimeInformation.OSDescription));
            findings.Add(new Finding("libtorch", $"{exception.File}: {exception.Problem}", IsFine: false, exception.Cure));
        }

        findings.AddRange(new DatasetLister().List(null).Select(dataset => new Finding(
            $"data set {dataset.Name}", dataset.Directory ?? "not on this machine", IsFine: true, dataset.Hint)));
        return findings;
    }

    private static IEnumerable<Finding> Describe(SystemReport report)
    {
        yield return new Finding("operating system", $"{report.OperatingSystem}, {report.Architecture}");
        yield return new Finding(".NET", report.DotNet);
        yield return new Finding("libtorch", $"{report.Libtorch} (TorchSharp {report.TorchSharp})");
        yield return new Finding("cores", $"{report.CoreCount}");
        yield return new Finding("memory", $"{report.MemoryBytes / BytesPerGigabyte} GiB");
        yield return new Finding("intra-op threads", $"{report.IntraOpThreadCount} by default, 1 for each shard of a run");
        foreach (var device in report.Devices)
        {
            yield return new Finding($"device {device.Device}", device.Processor);
            yield return new Finding(
                $"fingerprint {device.Device}",
                $"{device.PassHash}, bitwise: {(device.Repeatable ? "yes" : "no")}",
                device.Repeatable || device.Device != "cpu",
                device.Repeatable ? null : "the same pass gives other bits each time: runs on this device are not reproducible bit for bit");
        }
    }
}
