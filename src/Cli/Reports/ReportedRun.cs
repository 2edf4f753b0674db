using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Grains.Histories;

namespace Lcnn.Distributed.Cli.Reports;

/// <summary>A run in a report.</summary>
/// <param name="Name">The shortest name that tells it from the others: of its folder, or its id.</param>
/// <param name="Folder">Full path.</param>
/// <param name="History">What its folder says of its past.</param>
/// <param name="Found">What its network makes of test samples; null where that could not be looked at.</param>
internal sealed record ReportedRun(string Name, string Folder, StoredHistory History, ExaminationReport? Found);
