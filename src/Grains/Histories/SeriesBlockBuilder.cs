using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Series;

namespace Lcnn.Distributed.Grains.Histories;

/// <summary>Gathers logged events for a block of a run's history: steps as numbers, all else that says something later as JSON.</summary>
/// <param name="runId">The run.</param>
/// <param name="step">Steps done before.</param>
internal sealed class SeriesBlockBuilder(string runId, long step)
{
    private const int MostSteps = 1024;

    private readonly List<StepCompleted> _steps = [];
    private readonly List<SeriesNote> _notes = [];
    private long _lastSequence;

    /// <summary>Steps done by the run.</summary>
    public long Step { get; private set; } = step;

    /// <summary>Steps in it.</summary>
    public int Steps => _steps.Count;

    /// <summary>Whether the next step is for another block.</summary>
    public bool IsFull => _steps.Count >= MostSteps;

    /// <summary>Whether there is nothing to store.</summary>
    public bool IsEmpty => _steps.Count + _notes.Count == 0;

    /// <summary>Takes an event; how far something has come is not kept.</summary>
    public void Add(RunEvent logged)
    {
        _lastSequence = logged.Sequence;
        Step = Math.Max(Step, StepOf(logged));
        if (logged is StepCompleted step)
        {
            _steps.Add(step);
        }
        else if (IsNote(logged))
        {
            _notes.Add(new SeriesNote(Step, RunEventJson.Serialize(logged)));
        }
    }

    /// <summary>Whether an event says something later that is no step.</summary>
    public static bool IsNote(RunEvent logged) => logged is not (StepCompleted or EvaluationProgressed or CurvatureProgressed or RobustnessProgressed or DataSetDownloading);

    /// <summary>The block of all so far.</summary>
    public SeriesBlock Build()
    {
        var rows = _steps.ConvertAll(ValuesOf);
        return new SeriesBlock
        {
            RunId = runId,
            LastSequence = _lastSequence,
            Names = SeriesWindow.FieldNames,
            Steps = [.. _steps.Select(step => step.Step)],
            Times = [.. _steps.Select(step => step.Time.ToUnixTimeMilliseconds())],
            Values = [.. SeriesWindow.FieldNames.Select((_, field) => rows.ConvertAll(row => (float)row[field]).ToArray())],
            Notes = [.. _notes],
        };
    }

    /// <summary>The steps of a block as events; a value that it does not have is NaN, as that of a newer release may be.</summary>
    public static IEnumerable<StepCompleted> StepsOf(SeriesBlock block)
    {
        var columns = SeriesWindow.FieldNames.Select(block.ColumnOf).ToArray();
        return Enumerable.Range(0, block.Steps.Count).Select(place =>
        {
            var values = Array.ConvertAll(columns, column => column < 0 ? double.NaN : block.Values[column][place]);
            return new StepCompleted
            {
                RunId = block.RunId,
                Time = DateTimeOffset.FromUnixTimeMilliseconds(block.Times[place]),
                Step = block.Steps[place],
                Loss = values[0],
                LossTerms = new LossTerms { CrossEntropy = values[1], BetaTerm = values[2], GammaTerm = values[3], GradientNorm = values[4] },
                LearningRate = values[5],
                SamplesPerSecond = values[6],
                TrainAccuracy = values[7],
                Epoch = double.IsNaN(values[8]) ? 0 : (int)values[8],
            };
        });
    }

    // In the order of the names, which StepsOf goes by, too.
    private static double[] ValuesOf(StepCompleted step) =>
    [
        step.Loss, step.LossTerms.CrossEntropy, step.LossTerms.BetaTerm, step.LossTerms.GammaTerm, step.LossTerms.GradientNorm,
        step.LearningRate, step.SamplesPerSecond, step.TrainAccuracy, step.Epoch,
    ];

    private static long StepOf(RunEvent logged) => logged switch
    {
        StepCompleted step => step.Step,
        EpochCompleted epoch => epoch.Step,
        SnapshotCommitted snapshot => snapshot.Step,
        RunStarted started => started.ResumedAtStep,
        RunCompleted completed => completed.Steps,
        RunCancelled cancelled => cancelled.Step,
        _ => 0,
    };
}
