namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>What the charts of a report are drawn from, as sweep.js reads it.</summary>
/// <param name="Goals">One entry per goal, in the sweep's order.</param>
/// <param name="Parameters">The axes of the parameters.</param>
/// <param name="Trials">Every trial, by number.</param>
/// <param name="Fronts">Pairs of metrics to weigh against each other.</param>
internal sealed record ReportContent(
    IReadOnlyList<ReportGoal> Goals, IReadOnlyList<ReportAxis> Parameters, IReadOnlyList<ReportTrial> Trials, IReadOnlyList<ReportFront> Fronts);

/// <summary>A goal, how it was approached, and what decides it.</summary>
/// <param name="Best">The best value so far at each trial; NaN before there is one.</param>
/// <param name="ImportanceBasis">Which values the shares explain.</param>
internal sealed record ReportGoal(
    string Metric, bool IsMaximized, IReadOnlyList<double> Best, string ImportanceBasis, IReadOnlyList<ParameterShare> Importance);

/// <summary>A parameter's share of the variance of a goal, 0..1; NaN where it cannot be told.</summary>
internal sealed record ParameterShare(string Parameter, double Share);

/// <summary>A trial, its place on the axis of each parameter and its value in each goal; NaN where it has none.</summary>
internal sealed record ReportTrial(
    int Number, string State, int Epochs, IReadOnlyList<double> Places, IReadOnlyList<double> Goals);

/// <summary>Trials by two metrics.</summary>
internal sealed record ReportFront(string X, bool IsXMaximized, string Y, bool IsYMaximized, IReadOnlyList<ReportFrontPoint> Points);

/// <summary>A trial among those of <see cref="ReportFront"/>; on the front no other beats it in both.</summary>
internal sealed record ReportFrontPoint(int Number, double X, double Y, bool IsOnFront);
