namespace Lcnn.Distributed.Cli.Services;

/// <summary>Looks at the machine and its numerics.</summary>
internal interface IDiagnostics
{
    Task<DiagnosticReport> InspectAsync(CancellationToken cancellationToken);
}

internal sealed record DiagnosticReport(IReadOnlyList<Finding> Findings) : Report
{
    protected override string Kind => "doctor";
    public bool IsHealthy => Findings.All(finding => finding.IsFine);
}

/// <summary>One finding: what was looked at, what it is, and what to do unless it is fine.</summary>
internal sealed record Finding(string Name, string Value, bool IsFine = true, string? Hint = null);
